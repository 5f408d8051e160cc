#!/usr/bin/env python3
"""Writes CloudTrail logs for benchmarks and examples, with the number of matches of every control.

The records are made up, in the shapes of real ones: 30 calls of 12 services by users, roles, services and the root
user, with large and small parameters, refusals and console sign-ins. The same options give the same bytes.

    generate.py --out DIR --records 200000 --file-bytes 8388608   a few large files
    generate.py --out DIR --records 200000 --file-bytes 32768     many small ones
"""
import argparse
import base64
import gzip
import json
import os
import random
import time
import uuid

ACCOUNT = "111122223333"
REGIONS = ["eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2"]
AGENTS = [
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.debian.12 prompt/off command/ec2.describe-instances",
    "Boto3/1.34.60 md/Botocore#1.34.60 ua/2.0 os/linux#5.10.209 md/arch#x86_64 lang/python#3.11.6 Botocore/1.34.60",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.40.0 aws-sdk-go-v2/1.25.2",
    "AWS Internal",
    "aws-sdk-java/2.25.8 Linux/5.10.210 OpenJDK_64-Bit_Server_VM/17.0.10+7-LTS Java/17.0.10 kotlin/1.9.22",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
]
USERS = ["alice", "bob", "carol", "dörte", "deploy"]
ROLES = ["Admin", "ReadOnly", "ci-runner", "etl-nightly", "lambda-orders"]
KEYS = ["ASIA" + "".join(random.Random(i).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)) for i in range(64)]

# Name, service, how often, and what the request says.
CALLS = [
    ("DescribeInstances", "ec2", 60, "filters"), ("DescribeSecurityGroups", "ec2", 30, "filters"),
    ("AssumeRole", "sts", 120, "assume"), ("GetCallerIdentity", "sts", 20, None), ("Decrypt", "kms", 90, "kms"),
    ("GenerateDataKey", "kms", 60, "kms"), ("GetObject", "s3", 110, "s3"), ("PutObject", "s3", 70, "s3"),
    ("ListBuckets", "s3", 15, None), ("HeadBucket", "s3", 12, "s3"), ("GetBucketAcl", "s3", 25, "s3"),
    ("DescribeLogGroups", "logs", 30, "logs"), ("CreateLogStream", "logs", 60, "logs"), ("PutMetricData", "monitoring", 10, None),
    ("DescribeAlarms", "monitoring", 20, None), ("GetParameter", "ssm", 40, "ssm"), ("UpdateInstanceInformation", "ssm", 80, "ssm"),
    ("Invoke", "lambda", 30, "lambda"), ("ListFunctions20150331", "lambda", 10, None), ("GetRole", "iam", 20, "iam"),
    ("ListAttachedRolePolicies", "iam", 15, "iam"), ("BatchGetPartition", "glue", 6, "glue"), ("DescribeTable", "dynamodb", 20, "ddb"),
    ("ConsoleLogin", "signin", 2, "login"), ("PutRolePolicy", "iam", 1, "policy"), ("AttachRolePolicy", "iam", 1, "iam"),
    ("StopLogging", "cloudtrail", 1, "trail"), ("UpdateTrail", "cloudtrail", 1, "trail"), ("LeaveOrganization", "organizations", 1, None),
    ("AuthorizeSecurityGroupIngress", "ec2", 1, "rule"), ("CreateNetworkAclEntry", "ec2", 1, "rule"), ("CreateRoute", "ec2", 1, "rule"),
    ("DeleteVpc", "ec2", 1, "rule"), ("AttachInternetGateway", "ec2", 1, "rule"), ("PutBucketPolicy", "s3", 1, "policy"),
    ("ScheduleKeyDeletion", "kms", 1, "kms"), ("StopConfigurationRecorder", "config", 1, None),
]

NAMES = {
    "iam_policy_changes": "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy "
    "CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy "
    "DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
    "cloudtrail_cfg_changes": "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    "cmk_disable_delete": "DisableKey ScheduleKeyDeletion",
    "s3_policy_changes": "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy "
    "DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
    "config_changes": "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
    "security_group_changes": "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
    "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules",
    "nacl_changes": "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry "
    "ReplaceNetworkAclAssociation",
    "network_gateway_changes": "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
    "DeleteInternetGateway DetachInternetGateway",
    "route_table_changes": "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute "
    "DisassociateRouteTable",
    "vpc_changes": "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
    "DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink "
    "EnableVpcClassicLink",
    "organizations_changes": "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake "
    "DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType "
    "InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
}
NAMES = {control: set(names.split()) for control, names in NAMES.items()}
CONTROLS = ["unauthorized_api_calls", "console_signin_without_mfa", "root_usage", "console_auth_failures", *NAMES]


def matching(event):
    """The controls whose published pattern (version 7.0.0) matches: written apart from the program under test."""
    name, source, code = event["eventName"], event["eventSource"], event.get("errorCode", "")
    identity = event["userIdentity"]
    found = [control for control, names in NAMES.items() if name in names]
    if code.endswith("UnauthorizedOperation") or code.startswith("AccessDenied") and name != "HeadBucket":
        found.append("unauthorized_api_calls")
    if name == "ConsoleLogin":
        login = (event.get("responseElements") or {}).get("ConsoleLogin")
        if event["additionalEventData"]["MFAUsed"] != "Yes" and identity["type"] == "IAMUser" and login == "Success":
            found.append("console_signin_without_mfa")
        if event.get("errorMessage") == "Failed authentication":
            found.append("console_auth_failures")
    if identity["type"] == "Root" and "invokedBy" not in identity and event["eventType"] != "AwsServiceEvent":
        found.append("root_usage")
    only = {"cmk_disable_delete": "kms", "s3_policy_changes": "s3", "config_changes": "config", "organizations_changes": "organizations",
            "route_table_changes": "ec2"}
    return [control for control in found if control not in only or source == only[control] + ".amazonaws.com"]


def identity(rnd, service):
    kind = rnd.random()
    if service == "signin" or kind < 0.12:
        user = rnd.choice(USERS)
        return {"type": "IAMUser", "principalId": "AIDA" + user.upper()[:3] + "EXAMPLE4567AB", "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
                "accountId": ACCOUNT, "accessKeyId": rnd.choice(KEYS), "userName": user}
    if kind < 0.14:
        return {"type": "AWSService", "invokedBy": rnd.choice(["lambda", "ec2", "cloudtrail"]) + ".amazonaws.com"}
    if kind < 0.143:
        return {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    role, session = rnd.choice(ROLES), f"session-{rnd.randrange(40)}"
    return {
        "type": "AssumedRole", "principalId": f"AROA{role.upper()[:4]}EXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}", "accountId": ACCOUNT, "accessKeyId": rnd.choice(KEYS),
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": f"AROA{role.upper()[:4]}EXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                              "accountId": ACCOUNT, "userName": role},
            "webIdFederationData": {}, "attributes": {"creationDate": "2026-03-01T07:12:44Z", "mfaAuthenticated": "false"}}}


def request(rnd, kind):
    number = rnd.randrange(10**6)
    return {
        None: None,
        "filters": {"filterSet": {"items": [{"name": "instance-state-name", "valueSet": {"items": [{"value": "running"}]}}]}, "maxResults": 1000},
        "assume": {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{rnd.choice(ROLES)}", "roleSessionName": f"session-{number}", "durationSeconds": 3600},
        "kms": {"keyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{uuid.UUID(int=number)}", "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::lake-{number % 9}/part-{number}.parquet"}},
        "s3": {"bucketName": f"lake-{number % 9}", "Host": f"lake-{number % 9}.s3.eu-west-1.amazonaws.com", "key": f"events/day={number % 28}/part-{number}.parquet"},
        "logs": {"logGroupName": f"/aws/lambda/orders-{number % 50}", "logStreamName": f"2026/03/01/[$LATEST]{number:032x}"},
        "ssm": {"name": f"/orders/{number % 90}/secret", "withDecryption": True, "instanceId": f"i-{number:017x}"},
        "lambda": {"functionName": f"orders-{number % 50}", "invocationType": "Event"},
        "iam": {"roleName": rnd.choice(ROLES), "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/p{number % 40}"},
        "glue": {"databaseName": "lake", "tableName": "events", "partitionsToGet": [{"values": [f"2026-03-{d:02}"]} for d in range(1, 2 + number % 25)]},
        "ddb": {"tableName": f"orders-{number % 12}"},
        "login": None,
        "policy": {"roleName": "Admin", "policyName": "inline", "policyDocument":
                   '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'},
        "trail": {"name": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main"},
        "rule": {"groupId": f"sg-{number:017x}", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
                                                                               "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}},
    }[kind]


def token(rnd):
    """What temporary credentials carry: some hundred characters that no compression shortens."""
    return base64.b64encode(rnd.randbytes(420)).decode()


def record(rnd, when):
    name, service, _, kind = rnd.choices(CALLS, WEIGHTS)[0]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    who = identity(rnd, service)
    event = {"eventVersion": "1.09", "userIdentity": who, "eventTime": stamp, "eventSource": f"{service}.amazonaws.com", "eventName": name,
             "awsRegion": rnd.choice(REGIONS), "sourceIPAddress": who.get("invokedBy") or f"203.0.113.{rnd.randrange(60)}",
             "userAgent": who.get("invokedBy") or rnd.choice(AGENTS)}
    refused = rnd.random() < (0.3 if name in ("HeadBucket", "GetBucketAcl") else 0.006)
    if refused and service != "signin":
        code = "Client.UnauthorizedOperation" if service == "ec2" else rnd.choice(["AccessDenied", "AccessDeniedException"])
        event["errorCode"] = code
        event["errorMessage"] = f"User: {who.get('arn', 'a service')} is not authorized to perform: {service}:{name}"
    event["requestParameters"] = None if refused and rnd.random() < 0.3 else request(rnd, kind)
    event["responseElements"] = None
    if name == "ConsoleLogin":
        failed = rnd.random() < 0.4
        event["responseElements"] = {"ConsoleLogin": "Failure" if failed else "Success"}
        if failed:
            event["errorMessage"] = "Failed authentication"
        event["additionalEventData"] = {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No",
                                        "MFAUsed": rnd.choice(["Yes", "No"])}
    elif service == "s3":
        event["additionalEventData"] = {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0,
                                        "AuthenticationMethod": "AuthHeader", "x-amz-id-2": f"{rnd.getrandbits(256):064x}", "bytesTransferredOut": 4096}
    elif name == "AssumeRole" and not refused:
        event["responseElements"] = {"credentials": {"accessKeyId": rnd.choice(KEYS), "sessionToken": token(rnd), "expiration": "Mar 1, 2026, 10:12:44 AM"},
                                     "assumedRoleUser": {"assumedRoleId": f"AROAEXAMPLE:s{rnd.randrange(99)}", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y"}}
    event["requestID"] = str(uuid.UUID(int=rnd.getrandbits(128)))
    event["eventID"] = str(uuid.UUID(int=rnd.getrandbits(128)))
    event["readOnly"] = name.startswith(("Describe", "Get", "List", "Head"))
    if service in ("s3", "kms"):
        event["resources"] = [{"accountId": ACCOUNT, "type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::lake-{rnd.randrange(9)}/events"}]
    event["eventType"] = "AwsConsoleSignIn" if service == "signin" else "AwsApiCall"
    event["managementEvent"] = True
    event["recipientAccountId"] = ACCOUNT
    event["eventCategory"] = "Management"
    if rnd.random() < 0.7:
        event["tlsDetails"] = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": f"{service}.eu-west-1.amazonaws.com"}
    return event


WEIGHTS = [call[2] for call in CALLS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--file-bytes", type=int, default=8 << 20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=int, default=1440, help="over how long a time the events are spread")
    options = parser.parse_args()
    rnd = random.Random(options.seed)
    counts = dict.fromkeys(CONTROLS, 0)
    written = number = 0
    texts, size = [], 0

    def flush(when):
        nonlocal texts, size, number
        folder = os.path.join(options.out, "AWSLogs", ACCOUNT, "CloudTrail", "eu-west-1", time.strftime("%Y/%m/%d", time.gmtime(when)))
        os.makedirs(folder, exist_ok=True)
        stamp = time.strftime("%Y%m%dT%H%MZ", time.gmtime(when))
        path = os.path.join(folder, f"{ACCOUNT}_CloudTrail_eu-west-1_{stamp}_{rnd.getrandbits(80):020x}.json.gz")
        with open(path, "wb") as file, gzip.GzipFile("", "wb", 6, file, 0) as packed:
            packed.write(('{"Records":[' + ",".join(texts) + "]}").encode())
        number += 1
        texts, size = [], 0

    for i in range(options.records):
        when = 1_772_323_200 + i * options.minutes * 60 // options.records
        event = record(rnd, when)
        for control in matching(event):
            counts[control] += 1
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        texts.append(text)
        size += len(text) + 1
        written += 1
        if size >= options.file_bytes:
            flush(when)
    if texts:
        flush(when)
    with open(os.path.join(options.out, "truth.json"), "w") as file:
        json.dump({"records": written, "files": number, "controls": counts}, file, indent=1)


if __name__ == "__main__":
    main()
