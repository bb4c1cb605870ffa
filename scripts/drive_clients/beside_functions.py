"""Lambda: layers, code signing configurations, event source mappings and capacity providers."""

import json

from drive_clients.driver import ACCOUNT, Driver, package
from drive_clients.functions import GONE, REGION, created, deleted, function_tags, gone, hash_of, l, refused, settled


def layer(d: Driver, role: str) -> None:
    name, one = "common", {"LayerName": "common", "VersionNumber": 1}
    gone(d, "GetLayerVersion", **one)
    asked = {"Description": "common", "CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["x86_64"], "LicenseInfo": "MIT"}
    made = l(d, "PublishLayerVersion", LayerName=name, Content={"ZipFile": package("layer")}, **asked)
    read = l(d, "GetLayerVersion", **one)
    d.same("lambda:GetLayerVersion", read, {**asked, "Version": 1, "LayerVersionArn": made["LayerVersionArn"]})
    d.same("lambda:GetLayerVersion", read["Content"], hash_of(package("layer")))
    d.same("lambda:GetLayerVersionByArn", l(d, "GetLayerVersionByArn", Arn=made["LayerVersionArn"]), {**asked, "Version": 1})
    d.expect("lambda:PublishLayerVersion", l(d, "PublishLayerVersion", LayerName=name, Content={"ZipFile": package("next")})["Version"], 2)
    d.expect("lambda:ListLayerVersions", [it["Version"] for it in l(d, "ListLayerVersions", LayerName=name)["LayerVersions"]], [2, 1])
    d.expect("lambda:ListLayers", [it["LatestMatchingVersion"]["Version"] for it in l(d, "ListLayers")["Layers"]], [2])
    created(d, role, "layered", Layers=[made["LayerVersionArn"]])
    layers = lambda: [it["Arn"] for it in settled(d, "layered").get("Layers", [])]
    d.expect("lambda:GetFunctionConfiguration, layers", layers(), [made["LayerVersionArn"]])
    l(d, "UpdateFunctionConfiguration", FunctionName="layered", Layers=[])
    d.expect("lambda:GetFunctionConfiguration, layers", layers(), [])
    deleted(d, "layered")
    layer_permission(d, one)
    for version in (1, 2):
        l(d, "DeleteLayerVersion", LayerName=name, VersionNumber=version)
        gone(d, "GetLayerVersion", LayerName=name, VersionNumber=version)
    # A number is never used again.
    d.expect("lambda:PublishLayerVersion", l(d, "PublishLayerVersion", LayerName=name, Content={"ZipFile": package("last")})["Version"], 3)
    l(d, "DeleteLayerVersion", LayerName=name, VersionNumber=3)


def layer_permission(d: Driver, one: dict) -> None:
    gone(d, "GetLayerVersionPolicy", **one)
    grant = {**one, "Action": "lambda:GetLayerVersion"}
    l(d, "AddLayerVersionPermission", **grant, StatementId="org", Principal="*", OrganizationId="o-a1b2c3d4e5")
    statement = json.loads(l(d, "GetLayerVersionPolicy", **one)["Policy"])["Statement"][0]
    d.same("lambda:GetLayerVersionPolicy", statement, {"Sid": "org", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion"})
    refused(d, "ResourceConflictException", "AddLayerVersionPermission", **grant, StatementId="org", Principal=ACCOUNT)
    l(d, "RemoveLayerVersionPermission", **one, StatementId="org")
    gone(d, "GetLayerVersionPolicy", **one)
    gone(d, "RemoveLayerVersionPermission", **one, StatementId="org")


def code_signing(d: Driver, role: str) -> None:
    profile = lambda name: {"SigningProfileVersionArns": [f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/{name}/AbCdEf1234"]}
    wanted = {"AllowedPublishers": profile("releases"), "Description": "releases", "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}}
    one = {"CodeSigningConfigArn": l(d, "CreateCodeSigningConfig", **wanted)["CodeSigningConfig"]["CodeSigningConfigArn"]}
    read = lambda: l(d, "GetCodeSigningConfig", **one)["CodeSigningConfig"]
    for change in ({}, {"Description": "more"}, {"AllowedPublishers": profile("others"), "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}}):
        if change:
            l(d, "UpdateCodeSigningConfig", **one, **change)
        wanted |= change
        d.same("lambda:GetCodeSigningConfig", read(), wanted)
    d.expect("lambda:ListCodeSigningConfigs", [it["CodeSigningConfigArn"] for it in l(d, "ListCodeSigningConfigs")["CodeSigningConfigs"]], [one["CodeSigningConfigArn"]])
    arn = created(d, role, "signed")
    attached = lambda: l(d, "GetFunctionCodeSigningConfig", FunctionName="signed").get("CodeSigningConfigArn")
    d.expect("lambda:GetFunctionCodeSigningConfig", attached(), None)
    l(d, "PutFunctionCodeSigningConfig", FunctionName="signed", **one)
    d.expect("lambda:GetFunctionCodeSigningConfig", attached(), one["CodeSigningConfigArn"])
    d.expect("lambda:ListFunctionsByCodeSigningConfig", l(d, "ListFunctionsByCodeSigningConfig", **one)["FunctionArns"], [arn])
    refused(d, "ResourceConflictException", "DeleteCodeSigningConfig", **one)
    l(d, "DeleteFunctionCodeSigningConfig", FunctionName="signed")
    d.expect("lambda:GetFunctionCodeSigningConfig", attached(), None)
    deleted(d, "signed")
    l(d, "DeleteCodeSigningConfig", **one)
    gone(d, "GetCodeSigningConfig", **one)
    gone(d, "DeleteCodeSigningConfig", **one)


def event_source_mapping(d: Driver, role: str) -> None:
    name = "reader"
    arn = created(d, role, name)
    wanted = {"EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue", "BatchSize": 5, "MaximumBatchingWindowInSeconds": 0}
    made = l(d, "CreateEventSourceMapping", FunctionName=name, Enabled=True, Tags={"team": "a"}, **wanted)
    one = {"UUID": made["UUID"]}
    is_in = lambda *states: lambda answer: answer["State"] in states
    d.same("lambda:GetEventSourceMapping", d.until(is_in("Enabled"), "lambda", "GetEventSourceMapping", **one), {**wanted, "FunctionArn": arn})
    function_tags(d, made["EventSourceMappingArn"], {"team": "a"})
    for change in ({"BatchSize": 8}, {"MaximumBatchingWindowInSeconds": 5}):
        l(d, "UpdateEventSourceMapping", **one, **change)
        wanted |= change
        d.same("lambda:GetEventSourceMapping", d.until(is_in("Enabled"), "lambda", "GetEventSourceMapping", **one), wanted)
    l(d, "UpdateEventSourceMapping", **one, Enabled=False)
    d.same("lambda:GetEventSourceMapping", d.until(is_in("Disabled"), "lambda", "GetEventSourceMapping", **one), wanted)
    d.expect("lambda:ListEventSourceMappings", [it["UUID"] for it in l(d, "ListEventSourceMappings", FunctionName=name)["EventSourceMappings"]], [made["UUID"]])
    l(d, "DeleteEventSourceMapping", **one)
    d.until_gone(GONE, "lambda", "GetEventSourceMapping", **one)
    gone(d, "UpdateEventSourceMapping", **one, BatchSize=1)
    deleted(d, name)


def scaling(d: Driver, role: str) -> None:
    """How many execution environments a version keeps, where the mock lets functions run on managed instances without their provider."""
    name = "scaled"
    created(d, role, name)
    one = {"FunctionName": name, "Qualifier": l(d, "PublishVersion", FunctionName=name)["Version"]}
    for wanted in ({"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 5}, {"MinExecutionEnvironments": 2, "MaxExecutionEnvironments": 6}):
        l(d, "PutFunctionScalingConfig", **one, FunctionScalingConfig=wanted)
        applied = lambda answer, wanted=wanted: answer.get("AppliedFunctionScalingConfig") == wanted
        d.until(applied, "lambda", "GetFunctionScalingConfig", **one)
    deleted(d, name)


def capacity_provider(d: Driver, role: str) -> None:
    one = {"CapacityProviderName": "instances"}
    gone(d, "GetCapacityProvider", **one)
    wanted = {
        "VpcConfig": {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]},
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": role},
        "CapacityProviderScalingConfig": {"MaxVCpuCount": 100, "ScalingMode": "Auto"},
    }
    made = l(d, "CreateCapacityProvider", **one, **wanted, Tags={"team": "a"})["CapacityProvider"]
    active = lambda answer: answer["CapacityProvider"]["State"] == "Active"
    read = lambda: d.until(active, "lambda", "GetCapacityProvider", **one)["CapacityProvider"]
    d.same("lambda:GetCapacityProvider", read(), wanted)
    wanted["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 200, "ScalingMode": "Auto"}
    l(d, "UpdateCapacityProvider", **one, CapacityProviderScalingConfig=wanted["CapacityProviderScalingConfig"])
    d.same("lambda:GetCapacityProvider", read(), wanted)
    arns = [it["CapacityProviderArn"] for it in l(d, "ListCapacityProviders")["CapacityProviders"]]
    d.expect("lambda:ListCapacityProviders", arns, [made["CapacityProviderArn"]])
    d.expect("lambda:ListFunctionVersionsByCapacityProvider", l(d, "ListFunctionVersionsByCapacityProvider", **one)["FunctionVersions"], [])
    function_tags(d, made["CapacityProviderArn"], {"team": "a"})
    l(d, "DeleteCapacityProvider", **one)
    d.until_gone(GONE, "lambda", "GetCapacityProvider", **one)


def drive(d: Driver) -> None:
    role = d.call("iam", "GetRole", RoleName="serve")["Role"]["Arn"]
    for part in (layer, code_signing, event_source_mapping, scaling, capacity_provider):
        d.part(part, role)
