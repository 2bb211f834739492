"""What this project deploys to AWS. Change it and run `stackwright up` again."""

import pulumi_aws as aws

import stackwright

# A private bucket; AWS adds random letters to its name.
bucket = aws.s3.Bucket("storage")

stackwright.export("bucket", bucket.id)
