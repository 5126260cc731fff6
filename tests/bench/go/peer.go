// SPDX-License-Identifier: Apache-2.0
//
// What a good program with the AWS SDK for Go v2 would be: the SDK's own paginators, a map for the comparison, 32 goroutines
// for the starts over kept connections. It does not ask STS who it is: one call less than the others.
//
//     peer URL SHARES.json      declared: {"framework": name, "recipients": [[account, region], ...]}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/auditmanager"
	"github.com/aws/aws-sdk-go-v2/service/auditmanager/types"
)

const concurrency = 32

type share struct{ framework, account, region string }

type declaration struct {
	Framework  string      `json:"framework"`
	Recipients [][2]string `json:"recipients"`
}

func need(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) (declared declaration) {
	text, err := os.ReadFile(path)
	need(err)
	need(json.Unmarshal(text, &declared))
	return declared
}

func connect(ctx context.Context, url string) *auditmanager.Client {
	transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = concurrency
	})
	settings, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(transport))
	need(err)
	return auditmanager.NewFromConfig(settings, func(o *auditmanager.Options) {
		o.EndpointResolver = auditmanager.EndpointResolverFromURL(url)
	})
}

func frameworkID(ctx context.Context, client *auditmanager.Client, name string) string {
	pages := auditmanager.NewListAssessmentFrameworksPaginator(client, &auditmanager.ListAssessmentFrameworksInput{
		FrameworkType: types.FrameworkTypeCustom, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		need(err)
		for _, framework := range page.FrameworkMetadataList {
			if aws.ToString(framework.Name) == name {
				return aws.ToString(framework.Id)
			}
		}
	}
	return ""
}

func observe(ctx context.Context, client *auditmanager.Client) map[share]types.ShareRequestStatus {
	observed := map[share]types.ShareRequestStatus{}
	pages := auditmanager.NewListAssessmentFrameworkShareRequestsPaginator(client,
		&auditmanager.ListAssessmentFrameworkShareRequestsInput{
			RequestType: types.ShareRequestTypeSent, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		need(err)
		for _, r := range page.AssessmentFrameworkShareRequests {
			observed[share{aws.ToString(r.FrameworkId), aws.ToString(r.DestinationAccount),
				aws.ToString(r.DestinationRegion)}] = r.Status
		}
	}
	return observed
}

func start(ctx context.Context, client *auditmanager.Client, missing <-chan share) {
	for s := range missing {
		_, err := client.StartAssessmentFrameworkShare(ctx, &auditmanager.StartAssessmentFrameworkShareInput{
			FrameworkId: aws.String(s.framework), DestinationAccount: aws.String(s.account),
			DestinationRegion: aws.String(s.region)})
		need(err)
	}
}

func main() {
	ctx := context.Background()
	declared := read(os.Args[2])
	client := connect(ctx, os.Args[1])
	framework := frameworkID(ctx, client, declared.Framework)
	observed := observe(ctx, client)

	missing := make(chan share)
	var workers sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			start(ctx, client, missing)
		}()
	}
	n := 0
	for _, recipient := range declared.Recipients {
		wanted := share{framework, recipient[0], recipient[1]}
		if _, there := observed[wanted]; !there {
			missing <- wanted
			n++
		}
	}
	close(missing)
	workers.Wait()
	fmt.Printf("%d observed, %d missing\n", len(observed), n)
}
