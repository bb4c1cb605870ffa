"""IAM: roles and their policies first, then users, groups and what else the mock implements."""

import json

from drive_clients.driver import ACCOUNT, Driver, document, tags

TRUST = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
READ = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
WRITE = document({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"})


def i(d: Driver, operation: str, **arguments) -> dict:
    return d.call("iam", operation, **arguments)


def gone(d: Driver, operation: str, **arguments) -> None:
    d.refused("NoSuchEntity", "iam", operation, **arguments)


def role(d: Driver) -> None:
    one = {"RoleName": "tf-role"}
    gone(d, "GetRole", **one)
    i(d, "CreateRole", **one, Path="/team/", Description="<first> & only", MaxSessionDuration=7200, AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])
    wanted = {"Path": "/team/", "Description": "<first> & only", "MaxSessionDuration": 7200, "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/tf-role"}
    read = lambda: i(d, "GetRole", **one)["Role"]
    d.same("iam:GetRole", read(), {**wanted, "AssumeRolePolicyDocument": json.loads(TRUST)})
    d.expect("iam:GetRole, tags", tags(read()["Tags"]), {"a": "b"})
    d.refused("EntityAlreadyExists", "iam", "CreateRole", **one, AssumeRolePolicyDocument=TRUST)
    i(d, "UpdateRole", **one, Description="second", MaxSessionDuration=3600)
    wanted |= {"Description": "second", "MaxSessionDuration": 3600}
    d.same("iam:GetRole", read(), {name: value for name, value in wanted.items() if name != "MaxSessionDuration"})
    d.expect("iam:GetRole, MaxSessionDuration", read().get("MaxSessionDuration", 3600), 3600)
    other = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    i(d, "UpdateAssumeRolePolicy", **one, PolicyDocument=other)
    d.expect("iam:GetRole, trust", read()["AssumeRolePolicyDocument"], json.loads(other))
    i(d, "TagRole", **one, Tags=[{"Key": "a", "Value": "c"}, {"Key": "team", "Value": "x"}])
    d.expect("iam:ListRoleTags", tags(i(d, "ListRoleTags", **one)["Tags"]), {"a": "c", "team": "x"})
    i(d, "UntagRole", **one, TagKeys=["a", "team"])
    d.expect("iam:ListRoleTags", i(d, "ListRoleTags", **one)["Tags"], [])
    d.expect("iam:ListRoles", [it["RoleName"] for it in i(d, "ListRoles", PathPrefix="/team/")["Roles"]], ["tf-role"])
    d.expect("iam:ListInstanceProfilesForRole", i(d, "ListInstanceProfilesForRole", **one)["InstanceProfiles"], [])
    i(d, "DeleteRole", **one)
    gone(d, "GetRole", **one)
    gone(d, "DeleteRole", **one)


def inline_policy(d: Driver) -> None:
    i(d, "CreateRole", RoleName="tf-inline", AssumeRolePolicyDocument=TRUST)
    one = {"RoleName": "tf-inline", "PolicyName": "own"}
    gone(d, "GetRolePolicy", **one)
    for content in (READ, WRITE):
        i(d, "PutRolePolicy", **one, PolicyDocument=content)
        d.expect("iam:GetRolePolicy", i(d, "GetRolePolicy", **one)["PolicyDocument"], json.loads(content))
    d.expect("iam:ListRolePolicies", i(d, "ListRolePolicies", RoleName="tf-inline")["PolicyNames"], ["own"])
    d.refused("DeleteConflict", "iam", "DeleteRole", RoleName="tf-inline")
    i(d, "DeleteRolePolicy", **one)
    gone(d, "GetRolePolicy", **one)
    gone(d, "DeleteRolePolicy", **one)
    i(d, "DeleteRole", RoleName="tf-inline")


def managed_policy(d: Driver) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team/tf-policy"
    one = {"PolicyArn": arn}
    gone(d, "GetPolicy", **one)
    i(d, "CreatePolicy", PolicyName="tf-policy", Path="/team/", Description="reads", PolicyDocument=READ)
    read = lambda: i(d, "GetPolicy", **one)["Policy"]
    content = lambda version: i(d, "GetPolicyVersion", **one, VersionId=version)["PolicyVersion"]["Document"]
    d.same("iam:GetPolicy", read(), {"Arn": arn, "Path": "/team/", "DefaultVersionId": "v1", "Description": "reads", "AttachmentCount": 0})
    d.expect("iam:GetPolicyVersion", content("v1"), json.loads(READ))
    i(d, "CreatePolicyVersion", **one, PolicyDocument=WRITE, SetAsDefault=True)
    d.same("iam:GetPolicy", read(), {"DefaultVersionId": "v2"})
    d.expect("iam:GetPolicyVersion", content("v2"), json.loads(WRITE))
    d.refused("DeleteConflict", "iam", "DeletePolicyVersion", **one, VersionId="v2")
    i(d, "SetDefaultPolicyVersion", **one, VersionId="v1")
    d.same("iam:GetPolicy", read(), {"DefaultVersionId": "v1"})
    d.expect("iam:ListPolicyVersions", sorted(it["VersionId"] for it in i(d, "ListPolicyVersions", **one)["Versions"]), ["v1", "v2"])
    i(d, "DeletePolicyVersion", **one, VersionId="v2")
    gone(d, "GetPolicyVersion", **one, VersionId="v2")
    d.expect("iam:ListPolicies", [it["Arn"] for it in i(d, "ListPolicies", Scope="Local", PathPrefix="/team/")["Policies"]], [arn])
    attachment(d, arn)
    i(d, "DeletePolicy", **one)
    gone(d, "GetPolicy", **one)
    gone(d, "DeletePolicy", **one)


def policy_tags(d: Driver) -> None:
    one = {"PolicyArn": i(d, "CreatePolicy", PolicyName="tf-tagged", PolicyDocument=READ, Tags=[{"Key": "a", "Value": "b"}])["Policy"]["Arn"]}
    read = lambda: tags(i(d, "ListPolicyTags", **one)["Tags"])
    d.expect("iam:ListPolicyTags", read(), {"a": "b"})
    i(d, "TagPolicy", **one, Tags=[{"Key": "a", "Value": "c"}, {"Key": "team", "Value": "x"}])
    d.expect("iam:ListPolicyTags", read(), {"a": "c", "team": "x"})
    i(d, "UntagPolicy", **one, TagKeys=["a", "team"])
    d.expect("iam:ListPolicyTags", read(), {})
    i(d, "DeletePolicy", **one)
    gone(d, "ListPolicyTags", **one)


def role_description(d: Driver) -> None:
    one = {"RoleName": "tf-described"}
    i(d, "CreateRole", **one, AssumeRolePolicyDocument=TRUST)
    i(d, "UpdateRoleDescription", **one, Description="described")
    d.same("iam:GetRole", i(d, "GetRole", **one)["Role"], {"Description": "described"})
    i(d, "DeleteRole", **one)


def credential_report(d: Driver) -> None:
    d.until(lambda answer: answer["State"] == "COMPLETE", "iam", "GenerateCredentialReport")
    d.expect("iam:GetCredentialReport", i(d, "GetCredentialReport")["ReportFormat"], "text/csv")


def attachment(d: Driver, arn: str) -> None:
    i(d, "CreateRole", RoleName="tf-attached", AssumeRolePolicyDocument=TRUST)
    one = {"RoleName": "tf-attached", "PolicyArn": arn}
    attached = lambda: [it["PolicyArn"] for it in i(d, "ListAttachedRolePolicies", RoleName="tf-attached")["AttachedPolicies"]]
    gone(d, "DetachRolePolicy", **one)
    i(d, "AttachRolePolicy", **one)
    d.expect("iam:ListAttachedRolePolicies", attached(), [arn])
    d.expect("iam:ListEntitiesForPolicy", [it["RoleName"] for it in i(d, "ListEntitiesForPolicy", PolicyArn=arn)["PolicyRoles"]], ["tf-attached"])
    d.refused("DeleteConflict", "iam", "DeletePolicy", PolicyArn=arn)
    d.refused("DeleteConflict", "iam", "DeleteRole", RoleName="tf-attached")
    i(d, "DetachRolePolicy", **one)
    d.expect("iam:ListAttachedRolePolicies", attached(), [])
    boundary = lambda: i(d, "GetRole", RoleName="tf-attached")["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    i(d, "PutRolePermissionsBoundary", RoleName="tf-attached", PermissionsBoundary=arn)
    d.expect("iam:GetRole, boundary", boundary(), arn)
    details = i(d, "GetAccountAuthorizationDetails", Filter=["Role", "LocalManagedPolicy"])["RoleDetailList"]
    d.expect("iam:GetAccountAuthorizationDetails", "tf-attached" in [it["RoleName"] for it in details], True)
    i(d, "DeleteRolePermissionsBoundary", RoleName="tf-attached")
    d.expect("iam:GetRole, boundary", boundary(), None)
    i(d, "DeleteRole", RoleName="tf-attached")


def service_linked_role(d: Driver) -> None:
    made = i(d, "CreateServiceLinkedRole", AWSServiceName="replicator.lambda.amazonaws.com")["Role"]
    one = {"RoleName": made["RoleName"]}
    d.same("iam:GetRole", i(d, "GetRole", **one)["Role"], {"Path": "/aws-service-role/replicator.lambda.amazonaws.com/", "Arn": made["Arn"]})
    d.refused("InvalidInput", "iam", "CreateServiceLinkedRole", AWSServiceName="replicator.lambda.amazonaws.com")
    d.refused("UnmodifiableEntity", "iam", "DeleteRole", **one)
    task = i(d, "DeleteServiceLinkedRole", **one)["DeletionTaskId"]
    d.until(lambda answer: answer["Status"] == "SUCCEEDED", "iam", "GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)
    gone(d, "GetRole", **one)


def account_alias(d: Driver) -> None:
    read = lambda: i(d, "ListAccountAliases")["AccountAliases"]
    for alias in ("tests", "more-tests"):
        i(d, "CreateAccountAlias", AccountAlias=alias)
        d.expect("iam:ListAccountAliases", read(), [alias])
        i(d, "DeleteAccountAlias", AccountAlias=alias)
        d.expect("iam:ListAccountAliases", read(), [])
    gone(d, "DeleteAccountAlias", AccountAlias="tests")
    if i(d, "GetAccountSummary")["SummaryMap"].get("Roles") is None:
        d.problem("iam:GetAccountSummary: no number of roles")


def password_policy(d: Driver) -> None:
    gone(d, "GetAccountPasswordPolicy")
    for wanted in ({"MinimumPasswordLength": 12, "RequireSymbols": True}, {"MinimumPasswordLength": 16, "RequireSymbols": False}):
        i(d, "UpdateAccountPasswordPolicy", **wanted)
        d.same("iam:GetAccountPasswordPolicy", i(d, "GetAccountPasswordPolicy")["PasswordPolicy"], wanted)
    i(d, "DeleteAccountPasswordPolicy")
    gone(d, "GetAccountPasswordPolicy")


def user(d: Driver) -> None:
    one = {"UserName": "tf-user"}
    gone(d, "GetUser", **one)
    i(d, "CreateUser", **one, Path="/team/", Tags=[{"Key": "a", "Value": "b"}])
    d.same("iam:GetUser", i(d, "GetUser", **one)["User"], {"Path": "/team/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/team/tf-user"})
    d.refused("EntityAlreadyExists", "iam", "CreateUser", **one)
    d.expect("iam:ListUsers", [it["UserName"] for it in i(d, "ListUsers", PathPrefix="/team/")["Users"]], ["tf-user"])
    for part in (user_policies, access_key):
        d.part(part)
    i(d, "DeleteUser", **one)
    gone(d, "GetUser", **one)


def user_policies(d: Driver) -> None:
    one = {"UserName": "tf-user", "PolicyName": "own"}
    gone(d, "GetUserPolicy", **one)
    for content in (READ, WRITE):
        i(d, "PutUserPolicy", **one, PolicyDocument=content)
        d.expect("iam:GetUserPolicy", i(d, "GetUserPolicy", **one)["PolicyDocument"], json.loads(content))
    d.expect("iam:ListUserPolicies", i(d, "ListUserPolicies", UserName="tf-user")["PolicyNames"], ["own"])
    d.refused("DeleteConflict", "iam", "DeleteUser", UserName="tf-user")
    i(d, "DeleteUserPolicy", **one)
    gone(d, "GetUserPolicy", **one)
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    attached = lambda: [it["PolicyArn"] for it in i(d, "ListAttachedUserPolicies", UserName="tf-user")["AttachedPolicies"]]
    i(d, "AttachUserPolicy", UserName="tf-user", PolicyArn=arn)
    d.expect("iam:ListAttachedUserPolicies", attached(), [arn])
    i(d, "DetachUserPolicy", UserName="tf-user", PolicyArn=arn)
    d.expect("iam:ListAttachedUserPolicies", attached(), [])


def access_key(d: Driver) -> None:
    made = i(d, "CreateAccessKey", UserName="tf-user")["AccessKey"]
    one = {"UserName": "tf-user", "AccessKeyId": made["AccessKeyId"]}
    d.expect("iam:CreateAccessKey, lengths", (len(made["AccessKeyId"]), len(made["SecretAccessKey"])), (20, 40))
    listed = lambda: [(it["AccessKeyId"], it["Status"]) for it in i(d, "ListAccessKeys", UserName="tf-user")["AccessKeyMetadata"]]
    d.expect("iam:ListAccessKeys", listed(), [(made["AccessKeyId"], "Active")])
    i(d, "UpdateAccessKey", **one, Status="Inactive")
    d.expect("iam:ListAccessKeys", listed(), [(made["AccessKeyId"], "Inactive")])
    i(d, "DeleteAccessKey", **one)
    d.expect("iam:ListAccessKeys", listed(), [])
    gone(d, "DeleteAccessKey", **one)


def group(d: Driver) -> None:
    one = {"GroupName": "tf-group"}
    gone(d, "GetGroup", **one)
    i(d, "CreateGroup", **one, Path="/team/")
    d.same("iam:GetGroup", i(d, "GetGroup", **one)["Group"], {"Path": "/team/", "Arn": f"arn:aws:iam::{ACCOUNT}:group/team/tf-group"})
    d.expect("iam:ListGroups", [it["GroupName"] for it in i(d, "ListGroups", PathPrefix="/team/")["Groups"]], ["tf-group"])
    i(d, "CreateUser", UserName="tf-member")
    members = lambda: [it["UserName"] for it in i(d, "GetGroup", **one)["Users"]]
    i(d, "AddUserToGroup", **one, UserName="tf-member")
    d.expect("iam:GetGroup", members(), ["tf-member"])
    d.expect("iam:ListGroupsForUser", [it["GroupName"] for it in i(d, "ListGroupsForUser", UserName="tf-member")["Groups"]], ["tf-group"])
    i(d, "RemoveUserFromGroup", **one, UserName="tf-member")
    d.expect("iam:GetGroup", members(), [])
    i(d, "DeleteUser", UserName="tf-member")
    for content in (READ, WRITE):
        i(d, "PutGroupPolicy", **one, PolicyName="own", PolicyDocument=content)
        d.expect("iam:GetGroupPolicy", i(d, "GetGroupPolicy", **one, PolicyName="own")["PolicyDocument"], json.loads(content))
    d.expect("iam:ListGroupPolicies", i(d, "ListGroupPolicies", **one)["PolicyNames"], ["own"])
    i(d, "DeleteGroupPolicy", **one, PolicyName="own")
    gone(d, "GetGroupPolicy", **one, PolicyName="own")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    i(d, "AttachGroupPolicy", **one, PolicyArn=arn)
    d.expect("iam:ListAttachedGroupPolicies", [it["PolicyArn"] for it in i(d, "ListAttachedGroupPolicies", **one)["AttachedPolicies"]], [arn])
    i(d, "DetachGroupPolicy", **one, PolicyArn=arn)
    i(d, "DeleteGroup", **one)
    gone(d, "GetGroup", **one)


def instance_profile(d: Driver) -> None:
    one = {"InstanceProfileName": "tf-profile"}
    gone(d, "GetInstanceProfile", **one)
    i(d, "CreateInstanceProfile", **one)
    i(d, "CreateRole", RoleName="tf-instances", AssumeRolePolicyDocument=TRUST)
    i(d, "AddRoleToInstanceProfile", **one, RoleName="tf-instances")
    roles = lambda: [it["RoleName"] for it in i(d, "GetInstanceProfile", **one)["InstanceProfile"]["Roles"]]
    d.expect("iam:GetInstanceProfile", roles(), ["tf-instances"])
    d.expect("iam:ListInstanceProfiles", [it["InstanceProfileName"] for it in i(d, "ListInstanceProfiles")["InstanceProfiles"]], ["tf-profile"])
    i(d, "RemoveRoleFromInstanceProfile", **one, RoleName="tf-instances")
    d.expect("iam:GetInstanceProfile", roles(), [])
    i(d, "DeleteInstanceProfile", **one)
    gone(d, "GetInstanceProfile", **one)
    i(d, "DeleteRole", RoleName="tf-instances")


def openid_provider(d: Driver) -> None:
    made = i(d, "CreateOpenIDConnectProvider", Url="https://token.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
    one = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    d.same("iam:GetOpenIDConnectProvider", i(d, "GetOpenIDConnectProvider", **one), {"ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["a" * 40]})
    d.expect("iam:ListOpenIDConnectProviders", [it["Arn"] for it in i(d, "ListOpenIDConnectProviders")["OpenIDConnectProviderList"]], [one["OpenIDConnectProviderArn"]])
    i(d, "DeleteOpenIDConnectProvider", **one)
    gone(d, "GetOpenIDConnectProvider", **one)


def simulation(d: Driver) -> None:
    results = i(d, "SimulateCustomPolicy", PolicyInputList=[READ], ActionNames=["s3:GetObject", "s3:PutObject"])["EvaluationResults"]
    d.expect("iam:SimulateCustomPolicy", [it["EvalDecision"] for it in results], ["allowed", "implicitDeny"])
    arn = i(d, "CreateRole", RoleName="tf-simulated", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    results = i(d, "SimulatePrincipalPolicy", PolicySourceArn=arn, ActionNames=["s3:GetObject"])["EvaluationResults"]
    d.expect("iam:SimulatePrincipalPolicy", [it["EvalDecision"] for it in results], ["implicitDeny"])
    d.expect("iam:GetContextKeysForCustomPolicy", i(d, "GetContextKeysForCustomPolicy", PolicyInputList=[READ])["ContextKeyNames"], [])
    d.expect("iam:GetContextKeysForPrincipalPolicy", i(d, "GetContextKeysForPrincipalPolicy", PolicySourceArn=arn)["ContextKeyNames"], [])
    i(d, "DeleteRole", RoleName="tf-simulated")


def drive(d: Driver) -> None:
    for part in (role, inline_policy, managed_policy, service_linked_role, account_alias, password_policy, policy_tags, role_description):
        d.part(part)
    for part in (credential_report, user, group, instance_profile, openid_provider, simulation):
        d.part(part)
