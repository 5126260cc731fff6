-- SPDX-License-Identifier: Apache-2.0
-- For wrk: one start after the other.

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"destinationAccount":"200000000000","destinationRegion":"eu-central-1"}'
