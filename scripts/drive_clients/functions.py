"""Lambda: functions and what belongs to one of them."""

import base64
import hashlib
import json

from drive_clients.driver import ACCOUNT, Driver, document, package

REGION = "eu-west-1"
GONE = "ResourceNotFoundException"


def l(d: Driver, operation: str, **arguments) -> dict:
    return d.call("lambda", operation, **arguments)


def refused(d: Driver, code: str, operation: str, **arguments) -> None:
    d.refused(code, "lambda", operation, **arguments)


def gone(d: Driver, operation: str, **arguments) -> None:
    refused(d, GONE, operation, **arguments)


def settled(d: Driver, name: str) -> dict:
    """Waits until a function is active and its last update is done."""
    ready = lambda it: it.get("State") == "Active" and it.get("LastUpdateStatus", "Successful") == "Successful"
    return d.until(ready, "lambda", "GetFunctionConfiguration", FunctionName=name)


def execution_role(d: Driver) -> str:
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    arn = d.call("iam", "CreateRole", RoleName="serve", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    rights = {"Effect": "Allow", "Action": ["logs:*", "sqs:*", "dynamodb:*", "xray:*", "lambda:*", "sns:*"], "Resource": "*"}
    d.call("iam", "PutRolePolicy", RoleName="serve", PolicyName="run", PolicyDocument=document(rights))
    return arn


def created(d: Driver, role: str, name: str, **more) -> str:
    """Creates a function and waits for it, and gives its ARN."""
    made = l(d, "CreateFunction", FunctionName=name, Runtime="python3.13", Role=role, Handler="index.handler", Code={"ZipFile": package(name)}, **more)
    settled(d, name)
    return made["FunctionArn"]


def deleted(d: Driver, name: str) -> None:
    l(d, "DeleteFunction", FunctionName=name)
    d.until_gone(GONE, "lambda", "GetFunctionConfiguration", FunctionName=name)


def hash_of(code: bytes) -> dict:
    return {"CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(), "CodeSize": len(code)}


def function(d: Driver, role: str) -> None:
    name, one = "orders", {"FunctionName": "orders"}
    for operation in ("GetFunction", "GetFunctionConfiguration", "DeleteFunction"):
        gone(d, operation, **one)
    wanted = {
        "Description": "orders",
        "Timeout": 10,
        "MemorySize": 256,
        "Environment": {"Variables": {"STAGE": "b"}},
        "TracingConfig": {"Mode": "Active"},
        "EphemeralStorage": {"Size": 1024},
        "Architectures": ["arm64"],
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "DEBUG", "LogGroup": "/orders"},
    }
    arn = created(d, role, name, Publish=False, Tags={"team": "a"}, **wanted)
    wanted |= {"FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "index.handler", "PackageType": "Zip", "Version": "$LATEST"}
    wanted |= hash_of(package(name))
    for given in (name, arn, f"{ACCOUNT}:function:{name}", f"function:{name}"):
        answer = l(d, "GetFunction", FunctionName=given)
        d.same("lambda:GetFunction", answer["Configuration"], wanted)
        d.expect("lambda:GetFunction, tags", answer["Tags"], {"team": "a"})
    refused(d, "ResourceConflictException", "CreateFunction", **one, Runtime="python3.13", Role=role, Handler="x", Code={"ZipFile": package("")})
    for change in (
        {"Timeout": 20, "Environment": {"Variables": {"STAGE": "c", "TABLE": "e"}}},
        {"Description": "", "Handler": "other.handler", "MemorySize": 512, "TracingConfig": {"Mode": "PassThrough"}},
        {"Environment": {"Variables": {}}, "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/orders"}},
    ):
        l(d, "UpdateFunctionConfiguration", **one, **change)
        wanted |= change
        read = settled(d, name)
        # Without variables there is no environment.
        d.same("lambda:GetFunctionConfiguration", {"Environment": {"Variables": {}}, **read}, wanted)
    second = package("second")
    l(d, "UpdateFunctionCode", **one, ZipFile=second, Architectures=["x86_64"])
    d.same("lambda:GetFunctionConfiguration", settled(d, name), wanted | hash_of(second) | {"Architectures": ["x86_64"]})
    listed = [it["FunctionName"] for it in l(d, "ListFunctions", FunctionVersion="ALL")["Functions"]]
    d.expect("lambda:ListFunctions", listed, [name])
    d.expect("lambda:Invoke", l(d, "Invoke", **one, Payload=b"{}").get("StatusCode"), 200)
    d.expect("lambda:Invoke, an event", l(d, "Invoke", **one, InvocationType="Event").get("StatusCode"), 202)
    function_tags(d, arn, {"team": "a"})
    l(d, "GetAccountSettings")
    deleted(d, name)
    for operation in ("GetFunction", "UpdateFunctionConfiguration", "DeleteFunction", "GetPolicy", "ListVersionsByFunction"):
        gone(d, operation, **one)


def function_tags(d: Driver, arn: str, wanted: dict) -> None:
    read = lambda: l(d, "ListTags", Resource=arn)["Tags"]
    d.expect("lambda:ListTags", read(), wanted)
    l(d, "TagResource", Resource=arn, Tags={"a": "b", "team": "c"})
    d.expect("lambda:ListTags", read(), {**wanted, "a": "b", "team": "c"})
    l(d, "UntagResource", Resource=arn, TagKeys=["a", "team"])
    d.expect("lambda:ListTags", read(), {key: value for key, value in wanted.items() if key not in ("a", "team")})


def version_and_alias(d: Driver, role: str) -> None:
    name, one = "versions", {"FunctionName": "versions"}
    arn = created(d, role, name)
    numbers = []
    for text in ("first", "second"):
        l(d, "UpdateFunctionCode", **one, ZipFile=package(text))
        settled(d, name)
        made = l(d, "PublishVersion", **one, Description=text)
        numbers.append(made["Version"])
        wanted = {"Version": made["Version"], "Description": text, "FunctionArn": f"{arn}:{made['Version']}", **hash_of(package(text))}
        ready = lambda it: it.get("State", "Active") == "Active"
        d.same("lambda:GetFunctionConfiguration", d.until(ready, "lambda", "GetFunctionConfiguration", **one, Qualifier=made["Version"]), wanted)
    listed = [it["Version"] for it in l(d, "ListVersionsByFunction", **one)["Versions"]]
    d.expect("lambda:ListVersionsByFunction", listed, ["$LATEST", *numbers])
    alias(d, name, numbers)
    l(d, "DeleteFunction", **one, Qualifier=numbers[0])
    gone(d, "GetFunctionConfiguration", **one, Qualifier=numbers[0])
    refused(d, "InvalidParameterValueException", "DeleteFunction", **one, Qualifier="$LATEST")
    # A number is never used again.
    l(d, "UpdateFunctionCode", **one, ZipFile=package("third"))
    settled(d, name)
    d.expect("lambda:PublishVersion", int(l(d, "PublishVersion", **one)["Version"]) > int(numbers[-1]), True)
    deleted(d, name)


def alias(d: Driver, name: str, versions: list) -> None:
    one = {"FunctionName": name, "Name": "live"}
    read = lambda: l(d, "GetAlias", **one)
    gone(d, "GetAlias", **one)
    gone(d, "CreateAlias", **one, FunctionVersion="99")
    l(d, "CreateAlias", **one, FunctionVersion=versions[0], Description="live")
    d.same("lambda:GetAlias", read(), {"FunctionVersion": versions[0], "Description": "live"})
    refused(d, "ResourceConflictException", "CreateAlias", **one, FunctionVersion=versions[0])
    routing = {"AdditionalVersionWeights": {versions[0]: 0.25}}
    l(d, "UpdateAlias", **one, FunctionVersion=versions[1], RoutingConfig=routing)
    d.same("lambda:GetAlias", read(), {"FunctionVersion": versions[1], "Description": "live", "RoutingConfig": routing})
    refused(d, "ResourceConflictException", "DeleteFunction", FunctionName=name, Qualifier=versions[1])
    l(d, "UpdateAlias", **one, RoutingConfig={"AdditionalVersionWeights": {}}, Description="")
    d.same("lambda:GetAlias", read(), {"FunctionVersion": versions[1], "Description": ""})
    d.expect("lambda:GetAlias, routing", read().get("RoutingConfig", {}).get("AdditionalVersionWeights", {}), {})
    d.expect("lambda:ListAliases", [it["Name"] for it in l(d, "ListAliases", FunctionName=name)["Aliases"]], ["live"])
    l(d, "DeleteAlias", **one)
    gone(d, "GetAlias", **one)
    gone(d, "UpdateAlias", **one, Description="x")


def permission(d: Driver, role: str) -> None:
    name, one = "permitted", {"FunctionName": "permitted"}
    arn = created(d, role, name)
    statements = lambda **of: {it["Sid"]: it for it in json.loads(l(d, "GetPolicy", **one, **of)["Policy"])["Statement"]}
    gone(d, "GetPolicy", **one)
    invoke = {**one, "Action": "lambda:InvokeFunction"}
    l(d, "AddPermission", **invoke, StatementId="s3", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b", SourceAccount=ACCOUNT)
    condition = {"StringEquals": {"AWS:SourceAccount": ACCOUNT}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}
    wanted = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": arn, "Condition": condition}
    d.same("lambda:GetPolicy", statements()["s3"], wanted)
    refused(d, "ResourceConflictException", "AddPermission", **invoke, StatementId="s3", Principal="s3.amazonaws.com")
    # Terraform replaces a permission that changes.
    l(d, "AddPermission", **invoke, StatementId="org", Principal="*", PrincipalOrgID="o-a1b2c3d4e5")
    l(d, "RemovePermission", **one, StatementId="s3")
    d.same("lambda:GetPolicy", statements(), {"org": {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}})
    d.expect("lambda:GetPolicy, statements", list(statements()), ["org"])
    gone(d, "RemovePermission", **one, StatementId="s3")
    l(d, "RemovePermission", **one, StatementId="org")
    gone(d, "GetPolicy", **one)
    d.part(whole_policy, arn)
    deleted(d, name)


def whole_policy(d: Driver, arn: str) -> None:
    one = {"ResourceArn": arn}
    statement = {"Sid": "account", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Resource": arn}
    for action in ("lambda:InvokeFunction", "lambda:GetFunction"):
        l(d, "PutResourcePolicy", **one, Policy=document({**statement, "Action": action}))
        read = json.loads(l(d, "GetResourcePolicy", **one)["Policy"])["Statement"]
        d.expect("lambda:GetResourcePolicy", [it["Action"] for it in read], [action])
    l(d, "DeleteResourcePolicy", **one)
    gone(d, "GetResourcePolicy", **one)


def url(d: Driver, role: str) -> None:
    name, one = "urls", {"FunctionName": "urls"}
    created(d, role, name)
    gone(d, "GetFunctionUrlConfig", **one)
    wanted = {"AuthType": "AWS_IAM", "InvokeMode": "BUFFERED", "Cors": {"AllowOrigins": ["*"], "MaxAge": 60}}
    made = l(d, "CreateFunctionUrlConfig", **one, **wanted)
    wanted["FunctionUrl"] = made["FunctionUrl"]
    for change in ({}, {"AuthType": "NONE"}, {"InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"]}}):
        if change:
            l(d, "UpdateFunctionUrlConfig", **one, **change)
        wanted |= change
        d.same("lambda:GetFunctionUrlConfig", l(d, "GetFunctionUrlConfig", **one), wanted)
    refused(d, "ResourceConflictException", "CreateFunctionUrlConfig", **one, AuthType="NONE")
    d.expect("lambda:ListFunctionUrlConfigs", [it["FunctionUrl"] for it in l(d, "ListFunctionUrlConfigs", **one)["FunctionUrlConfigs"]], [made["FunctionUrl"]])
    l(d, "DeleteFunctionUrlConfig", **one)
    gone(d, "GetFunctionUrlConfig", **one)
    gone(d, "DeleteFunctionUrlConfig", **one)
    deleted(d, name)


def event_invoke_config(d: Driver, role: str) -> None:
    name, one = "events", {"FunctionName": "events"}
    created(d, role, name)
    gone(d, "GetFunctionEventInvokeConfig", **one)
    read = lambda: l(d, "GetFunctionEventInvokeConfig", **one)
    queue = {"OnFailure": {"Destination": f"arn:aws:sqs:{REGION}:{ACCOUNT}:failures"}}
    l(d, "PutFunctionEventInvokeConfig", **one, MaximumRetryAttempts=1, DestinationConfig=queue)
    d.same("lambda:GetFunctionEventInvokeConfig", read(), {"MaximumRetryAttempts": 1, "DestinationConfig": queue})
    l(d, "UpdateFunctionEventInvokeConfig", **one, MaximumEventAgeInSeconds=60)
    d.same("lambda:GetFunctionEventInvokeConfig", read(), {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60, "DestinationConfig": queue})
    # Put leaves nothing of what was there.
    l(d, "PutFunctionEventInvokeConfig", **one, MaximumRetryAttempts=0)
    d.same("lambda:GetFunctionEventInvokeConfig", read(), {"MaximumRetryAttempts": 0})
    d.expect("lambda:GetFunctionEventInvokeConfig, destination", read().get("DestinationConfig", {}).get("OnFailure", {}), {})
    d.expect("lambda:ListFunctionEventInvokeConfigs", len(l(d, "ListFunctionEventInvokeConfigs", **one)["FunctionEventInvokeConfigs"]), 1)
    l(d, "DeleteFunctionEventInvokeConfig", **one)
    gone(d, "GetFunctionEventInvokeConfig", **one)
    gone(d, "DeleteFunctionEventInvokeConfig", **one)
    deleted(d, name)


def concurrency(d: Driver, role: str) -> None:
    name, one = "busy", {"FunctionName": "busy"}
    created(d, role, name)
    read = lambda: l(d, "GetFunctionConcurrency", **one).get("ReservedConcurrentExecutions")
    d.expect("lambda:GetFunctionConcurrency", read(), None)
    for wanted in (5, 7, 0):
        l(d, "PutFunctionConcurrency", **one, ReservedConcurrentExecutions=wanted)
        d.expect("lambda:GetFunctionConcurrency", read(), wanted)
        d.same("lambda:GetFunction", l(d, "GetFunction", **one), {"Concurrency": {"ReservedConcurrentExecutions": wanted}})
    l(d, "DeleteFunctionConcurrency", **one)
    d.expect("lambda:GetFunctionConcurrency", read(), None)
    version = l(d, "PublishVersion", **one)["Version"]
    provisioned(d, name, version)
    deleted(d, name)


def provisioned(d: Driver, name: str, version: str) -> None:
    one = {"FunctionName": name, "Qualifier": version}
    missing = "ProvisionedConcurrencyConfigNotFoundException"
    ready = lambda answer: answer["Status"] == "READY"
    refused(d, missing, "GetProvisionedConcurrencyConfig", **one)
    for wanted in (1, 2):
        l(d, "PutProvisionedConcurrencyConfig", **one, ProvisionedConcurrentExecutions=wanted)
        read = d.until(ready, "lambda", "GetProvisionedConcurrencyConfig", **one)
        d.same("lambda:GetProvisionedConcurrencyConfig", read, {"RequestedProvisionedConcurrentExecutions": wanted, "AllocatedProvisionedConcurrentExecutions": wanted})
    listed = l(d, "ListProvisionedConcurrencyConfigs", FunctionName=name)["ProvisionedConcurrencyConfigs"]
    d.expect("lambda:ListProvisionedConcurrencyConfigs", [it["FunctionArn"].rsplit(":", 1)[-1] for it in listed], [version])
    l(d, "DeleteProvisionedConcurrencyConfig", **one)
    d.until_gone(missing, "lambda", "GetProvisionedConcurrencyConfig", **one)


def settings(d: Driver, role: str) -> None:
    """What every function has, and a client can only change: runtime management and recursion."""
    name, one = "managed", {"FunctionName": "managed"}
    created(d, role, name)
    management = lambda: l(d, "GetRuntimeManagementConfig", **one)
    d.same("lambda:GetRuntimeManagementConfig", management(), {"UpdateRuntimeOn": "Auto"})
    for wanted in ("FunctionUpdate", "Auto"):
        l(d, "PutRuntimeManagementConfig", **one, UpdateRuntimeOn=wanted)
        d.same("lambda:GetRuntimeManagementConfig", management(), {"UpdateRuntimeOn": wanted})
    recursion = lambda: l(d, "GetFunctionRecursionConfig", **one)["RecursiveLoop"]
    d.expect("lambda:GetFunctionRecursionConfig", recursion(), "Terminate")
    for wanted in ("Allow", "Terminate"):
        l(d, "PutFunctionRecursionConfig", **one, RecursiveLoop=wanted)
        d.expect("lambda:GetFunctionRecursionConfig", recursion(), wanted)
    l(d, "UpdateFunctionConfiguration", **one, SnapStart={"ApplyOn": "PublishedVersions"})
    d.same("lambda:GetFunctionConfiguration", settled(d, name), {"SnapStart": {"ApplyOn": "PublishedVersions"}})
    deleted(d, name)


def drive(d: Driver) -> None:
    role = d.part(execution_role)
    for part in (function, version_and_alias, permission, url, event_invoke_config, concurrency, settings) if role else ():
        d.part(part, role)
