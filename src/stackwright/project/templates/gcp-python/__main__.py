"""What this project deploys to Google Cloud. Change it and run `stackwright up` again."""

import pulumi_gcp as gcp

import stackwright

bucket = gcp.storage.Bucket("storage", location="EU", uniform_bucket_level_access=True)

stackwright.export("bucket", bucket.url)
