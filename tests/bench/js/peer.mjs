// SPDX-License-Identifier: Apache-2.0
//
// What a good Node.js script with the AWS SDK for JavaScript v3 would be: its own pagination, a Map for the comparison,
// 32 starts in flight over kept connections. It does not ask STS who it is: one call less than the others.
//
//     peer.mjs URL SHARES.json      declared: {"framework": name, "recipients": [[account, region], ...]}

import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import {
  AuditManagerClient, ListAssessmentFrameworkShareRequestsCommand, ListAssessmentFrameworksCommand,
  StartAssessmentFrameworkShareCommand,
} from "@aws-sdk/client-auditmanager";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const CONCURRENCY = 32;

async function* pages(client, Command, member, input) {
  let nextToken;

  do {
    const answer = await client.send(new Command({ ...input, maxResults: 1000, nextToken }));

    yield* answer[member];
    nextToken = answer.nextToken;
  } while (nextToken);
}

const [url, path] = process.argv.slice(2);
const declared = JSON.parse(readFileSync(path, "utf8"));
const agent = { keepAlive: true, maxSockets: CONCURRENCY };
const client = new AuditManagerClient({
  endpoint: url,
  requestHandler: new NodeHttpHandler({ httpAgent: new HttpAgent(agent), httpsAgent: new HttpsAgent(agent) }),
});

const frameworks = new Map();
for await (const f of pages(client, ListAssessmentFrameworksCommand, "frameworkMetadataList", { frameworkType: "Custom" }))
  frameworks.set(f.name, f.id);
const frameworkId = frameworks.get(declared.framework);

const observed = new Map();
for await (const r of pages(client, ListAssessmentFrameworkShareRequestsCommand, "assessmentFrameworkShareRequests",
                            { requestType: "SENT" }))
  observed.set(`${r.frameworkId} ${r.destinationAccount} ${r.destinationRegion}`, r.status);

const missing = declared.recipients.filter(([account, region]) => !observed.has(`${frameworkId} ${account} ${region}`));
let next = 0;

async function start() {
  while (next < missing.length) {
    const [destinationAccount, destinationRegion] = missing[next++];

    await client.send(new StartAssessmentFrameworkShareCommand({ frameworkId, destinationAccount, destinationRegion }));
  }
}

await Promise.all(Array.from({ length: CONCURRENCY }, start));
console.log(`${observed.size} observed, ${missing.length} missing`);
process.exit(0);
