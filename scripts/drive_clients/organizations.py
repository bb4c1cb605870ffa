"""Organizations: each kind of resource is created, read back, changed, read back, deleted, and read once more."""

import json

from drive_clients.driver import ACCOUNT, Driver, document, tags

INVITED = {"Id": "444455556666", "Type": "ACCOUNT"}
SERVICE = {"ServicePrincipal": "access-analyzer.amazonaws.com"}


def o(d: Driver, operation: str, **arguments) -> dict:
    return d.call("organizations", operation, **arguments)


def gone(d: Driver, code: str, operation: str, **arguments) -> None:
    d.refused(code, "organizations", operation, **arguments)


def organization(d: Driver) -> str:
    gone(d, "AWSOrganizationsNotInUseException", "DescribeOrganization")
    gone(d, "AWSOrganizationsNotInUseException", "DeleteOrganization")
    o(d, "CreateOrganization", FeatureSet="CONSOLIDATED_BILLING")
    d.same("organizations:DescribeOrganization", o(d, "DescribeOrganization")["Organization"], {"FeatureSet": "CONSOLIDATED_BILLING"})
    handshake = o(d, "EnableAllFeatures")["Handshake"]["Id"]
    o(d, "AcceptHandshake", HandshakeId=handshake)
    d.same("organizations:DescribeOrganization", o(d, "DescribeOrganization")["Organization"], {"FeatureSet": "ALL", "MasterAccountId": ACCOUNT})
    o(d, "DeleteOrganization")
    gone(d, "AWSOrganizationsNotInUseException", "DescribeOrganization")
    made = o(d, "CreateOrganization", FeatureSet="ALL")["Organization"]
    gone(d, "AlreadyInOrganizationException", "CreateOrganization", FeatureSet="ALL")
    d.same("organizations:DescribeOrganization", o(d, "DescribeOrganization")["Organization"], made)
    root = o(d, "ListRoots")["Roots"][0]
    d.expect("organizations:ListRoots", root["PolicyTypes"], [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
    return root["Id"]


def unit(d: Driver, root: str) -> None:
    made = o(d, "CreateOrganizationalUnit", ParentId=root, Name="Workloads", Tags=[{"Key": "a", "Value": "b"}])["OrganizationalUnit"]
    one = {"OrganizationalUnitId": made["Id"]}
    d.same("organizations:DescribeOrganizationalUnit", o(d, "DescribeOrganizationalUnit", **one)["OrganizationalUnit"], made)
    d.expect("organizations:ListParents", o(d, "ListParents", ChildId=made["Id"])["Parents"], [{"Id": root, "Type": "ROOT"}])
    gone(d, "DuplicateOrganizationalUnitException", "CreateOrganizationalUnit", ParentId=root, Name="Workloads")
    o(d, "UpdateOrganizationalUnit", **one, Name="Services")
    d.same("organizations:DescribeOrganizationalUnit", o(d, "DescribeOrganizationalUnit", **one)["OrganizationalUnit"], {**made, "Name": "Services"})
    tagging(d, made["Id"], {"a": "b"})
    inner = o(d, "CreateOrganizationalUnit", ParentId=made["Id"], Name="Inner")["OrganizationalUnit"]["Id"]
    listed = o(d, "ListOrganizationalUnitsForParent", ParentId=made["Id"])["OrganizationalUnits"]
    d.expect("organizations:ListOrganizationalUnitsForParent", [it["Id"] for it in listed], [inner])
    gone(d, "OrganizationalUnitNotEmptyException", "DeleteOrganizationalUnit", **one)
    for unit in (inner, made["Id"]):
        o(d, "DeleteOrganizationalUnit", OrganizationalUnitId=unit)
        gone(d, "OrganizationalUnitNotFoundException", "DescribeOrganizationalUnit", OrganizationalUnitId=unit)


def tagging(d: Driver, resource: str, wanted: dict) -> None:
    """Tags of anything: those that it was made with, then others, then none."""
    read = lambda: tags(o(d, "ListTagsForResource", ResourceId=resource)["Tags"])
    d.expect("organizations:ListTagsForResource", read(), wanted)
    o(d, "TagResource", ResourceId=resource, Tags=[{"Key": "team", "Value": "x"}, {"Key": "a", "Value": "c"}])
    d.expect("organizations:ListTagsForResource", read(), {**wanted, "team": "x", "a": "c"})
    o(d, "UntagResource", ResourceId=resource, TagKeys=list({*wanted, "team", "a"}))
    d.expect("organizations:ListTagsForResource", read(), {})


def created_account(d: Driver, name: str, **more) -> str:
    """Creates an account and waits for it, as the request may take a while."""
    status = o(d, "CreateAccount", Email=f"{name}@example.com", AccountName=name, **more)["CreateAccountStatus"]
    settled = lambda answer: answer["CreateAccountStatus"]["State"] != "IN_PROGRESS"
    status = d.until(settled, "organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    d.expect("organizations:CreateAccount", status["State"], "SUCCEEDED")
    return status["AccountId"]


def account(d: Driver, root: str) -> None:
    id = created_account(d, "orders", Tags=[{"Key": "a", "Value": "b"}])
    one = {"AccountId": id}
    wanted = {"Id": id, "Name": "orders", "Email": "orders@example.com", "State": "ACTIVE", "JoinedMethod": "CREATED"}
    d.same("organizations:DescribeAccount", o(d, "DescribeAccount", **one)["Account"], wanted)
    tagging(d, id, {"a": "b"})
    again = o(d, "CreateAccount", Email="orders@example.com", AccountName="again")["CreateAccountStatus"]["Id"]
    failed = d.until(lambda it: it["CreateAccountStatus"]["State"] != "IN_PROGRESS", "organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=again)
    d.same("organizations:CreateAccount", failed["CreateAccountStatus"], {"State": "FAILED", "FailureReason": "EMAIL_ALREADY_EXISTS"})
    d.expect("organizations:ListCreateAccountStatus", [it["Id"] for it in o(d, "ListCreateAccountStatus", States=["FAILED"])["CreateAccountStatuses"]], [again])
    unit = o(d, "CreateOrganizationalUnit", ParentId=root, Name="Accounts")["OrganizationalUnit"]["Id"]
    o(d, "MoveAccount", **one, SourceParentId=root, DestinationParentId=unit)
    d.expect("organizations:ListParents", o(d, "ListParents", ChildId=id)["Parents"][0]["Id"], unit)
    d.expect("organizations:ListAccountsForParent", [it["Id"] for it in o(d, "ListAccountsForParent", ParentId=unit)["Accounts"]], [id])
    d.expect("organizations:ListChildren", o(d, "ListChildren", ParentId=unit, ChildType="ACCOUNT")["Children"], [{"Id": id, "Type": "ACCOUNT"}])
    o(d, "CloseAccount", **one)
    d.until(lambda answer: answer["Account"]["State"] == "SUSPENDED", "organizations", "DescribeAccount", **one)
    gone(d, "AccountAlreadyClosedException", "CloseAccount", **one)
    d.expect("organizations:ListAccounts", sorted(it["Id"] for it in o(d, "ListAccounts")["Accounts"]), sorted([ACCOUNT, id]))
    o(d, "RemoveAccountFromOrganization", **one)
    gone(d, "AccountNotFoundException", "DescribeAccount", **one)
    o(d, "DeleteOrganizationalUnit", OrganizationalUnitId=unit)


def invited_account(d: Driver) -> None:
    own = d.keys
    others = {**own, "AWS_ACCESS_KEY_ID": INVITED["Id"]}
    declined = o(d, "InviteAccountToOrganization", Target=INVITED, Notes="welcome")["Handshake"]
    gone(d, "DuplicateHandshakeException", "InviteAccountToOrganization", Target=INVITED)
    d.same("organizations:DescribeHandshake", o(d, "DescribeHandshake", HandshakeId=declined["Id"])["Handshake"], declined)
    d.keys = others
    o(d, "DeclineHandshake", HandshakeId=declined["Id"])
    d.keys = own
    cancelled = o(d, "InviteAccountToOrganization", Target=INVITED)["Handshake"]["Id"]
    o(d, "CancelHandshake", HandshakeId=cancelled)
    accepted = o(d, "InviteAccountToOrganization", Target=INVITED)["Handshake"]["Id"]
    d.keys = others
    o(d, "AcceptHandshake", HandshakeId=accepted)
    states = {it["Id"]: it["State"] for it in o(d, "ListHandshakesForAccount")["Handshakes"]}
    d.expect("organizations:ListHandshakesForAccount", states, {declined["Id"]: "DECLINED", cancelled: "CANCELED", accepted: "ACCEPTED"})
    d.keys = own
    listed = {it["Id"]: it["State"] for it in o(d, "ListHandshakesForOrganization", Filter={"ActionType": "INVITE"})["Handshakes"]}
    d.expect("organizations:ListHandshakesForOrganization", listed, states)
    d.same("organizations:DescribeAccount", o(d, "DescribeAccount", AccountId=INVITED["Id"])["Account"], {"JoinedMethod": "INVITED"})
    d.keys = others
    o(d, "LeaveOrganization")
    gone(d, "AWSOrganizationsNotInUseException", "DescribeOrganization")
    d.keys = own
    gone(d, "AccountNotFoundException", "DescribeAccount", AccountId=INVITED["Id"])
    gone(d, "HandshakeNotFoundException", "DescribeHandshake", HandshakeId="h-00000000000000000000000000000000")


def policy(d: Driver, root: str) -> None:
    content = document({"Effect": "Deny", "Action": "lambda:CreateFunctionUrlConfig", "Resource": "*"})
    asked = {"Name": "no-urls", "Description": "no URLs", "Type": "SERVICE_CONTROL_POLICY"}
    made = o(d, "CreatePolicy", **asked, Content=content, Tags=[{"Key": "a", "Value": "b"}])["Policy"]["PolicySummary"]
    one = {"PolicyId": made["Id"]}
    read = lambda: o(d, "DescribePolicy", **one)["Policy"]
    d.same("organizations:DescribePolicy", read(), {"PolicySummary": {**made, **asked, "AwsManaged": False}, "Content": content})
    tagging(d, made["Id"], {"a": "b"})
    gone(d, "DuplicatePolicyException", "CreatePolicy", **asked, Content=content)
    gone(d, "MalformedPolicyDocumentException", "UpdatePolicy", **one, Content="{}")
    o(d, "UpdatePolicy", **one, Description="no function URLs")
    d.same("organizations:DescribePolicy", read(), {"PolicySummary": {**asked, "Description": "no function URLs"}, "Content": content})
    other = document({"Effect": "Deny", "Action": "lambda:*", "Resource": "*"})
    o(d, "UpdatePolicy", **one, Name="no-lambda", Content=other)
    d.same("organizations:DescribePolicy", read(), {"PolicySummary": {"Name": "no-lambda", "Description": "no function URLs"}, "Content": other})
    d.expect("organizations:ListPolicies", sorted(it["Name"] for it in o(d, "ListPolicies", Filter="SERVICE_CONTROL_POLICY")["Policies"]), ["FullAWSAccess", "no-lambda"])
    attachment(d, root, made["Id"])
    o(d, "DeletePolicy", **one)
    gone(d, "PolicyNotFoundException", "DescribePolicy", **one)


def attachment(d: Driver, root: str, policy: str) -> None:
    unit = o(d, "CreateOrganizationalUnit", ParentId=root, Name="Attached")["OrganizationalUnit"]["Id"]
    for target in (root, unit):
        one = {"PolicyId": policy, "TargetId": target}
        targets = lambda: [it["TargetId"] for it in o(d, "ListTargetsForPolicy", PolicyId=policy)["Targets"]]
        attached = lambda: sorted(it["Id"] for it in o(d, "ListPoliciesForTarget", TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"])
        gone(d, "PolicyNotAttachedException", "DetachPolicy", **one)
        o(d, "AttachPolicy", **one)
        d.expect("organizations:ListTargetsForPolicy", targets(), [target])
        d.expect("organizations:ListPoliciesForTarget", attached(), sorted([policy, "p-FullAWSAccess"]))
        gone(d, "DuplicatePolicyAttachmentException", "AttachPolicy", **one)
        gone(d, "PolicyInUseException", "DeletePolicy", PolicyId=policy)
        o(d, "DetachPolicy", **one)
        d.expect("organizations:ListTargetsForPolicy", targets(), [])
        d.expect("organizations:ListPoliciesForTarget", attached(), ["p-FullAWSAccess"])
        gone(d, "ConstraintViolationException", "DetachPolicy", PolicyId="p-FullAWSAccess", TargetId=target)
    o(d, "DeleteOrganizationalUnit", OrganizationalUnitId=unit)
    gone(d, "TargetNotFoundException", "DetachPolicy", PolicyId=policy, TargetId=unit)


def policy_type(d: Driver, root: str) -> None:
    one = {"RootId": root, "PolicyType": "TAG_POLICY"}
    status = lambda: {it["Type"]: it["Status"] for it in o(d, "ListRoots")["Roots"][0]["PolicyTypes"]}.get("TAG_POLICY")
    gone(d, "PolicyTypeNotEnabledException", "DisablePolicyType", **one)
    gone(d, "RootNotFoundException", "EnablePolicyType", RootId="r-zzzz", PolicyType="TAG_POLICY")
    o(d, "EnablePolicyType", **one)
    d.expect("organizations:ListRoots", status(), "ENABLED")
    gone(d, "PolicyTypeAlreadyEnabledException", "EnablePolicyType", **one)
    content = json.dumps({"tags": {"team": {"tag_key": {"@@assign": "team"}}}})
    made = o(d, "CreatePolicy", Content=content, Description="", Name="tags", Type="TAG_POLICY")["Policy"]["PolicySummary"]["Id"]
    o(d, "AttachPolicy", PolicyId=made, TargetId=root)
    effective = o(d, "DescribeEffectivePolicy", PolicyType="TAG_POLICY", TargetId=ACCOUNT)["EffectivePolicy"]["PolicyContent"]
    d.expect("organizations:DescribeEffectivePolicy", json.loads(effective), {"tags": {"team": {"tag_key": "team"}}})
    o(d, "DisablePolicyType", **one)
    d.expect("organizations:ListRoots", status(), None)
    d.expect("organizations:ListTargetsForPolicy", o(d, "ListTargetsForPolicy", PolicyId=made)["Targets"], [])
    gone(d, "EffectivePolicyNotFoundException", "DescribeEffectivePolicy", PolicyType="TAG_POLICY", TargetId=ACCOUNT)
    o(d, "DeletePolicy", PolicyId=made)


def service_access(d: Driver) -> None:
    listed = lambda: [it["ServicePrincipal"] for it in o(d, "ListAWSServiceAccessForOrganization")["EnabledServicePrincipals"]]
    o(d, "EnableAWSServiceAccess", **SERVICE)
    d.expect("organizations:ListAWSServiceAccessForOrganization", listed(), [SERVICE["ServicePrincipal"]])
    o(d, "DisableAWSServiceAccess", **SERVICE)
    d.expect("organizations:ListAWSServiceAccessForOrganization", listed(), [])
    gone(d, "InvalidInputException", "EnableAWSServiceAccess", ServicePrincipal="nobody.amazonaws.com")


def delegated_administrator(d: Driver) -> None:
    o(d, "EnableAWSServiceAccess", **SERVICE)
    id = created_account(d, "security")
    one = {"AccountId": id, **SERVICE}
    gone(d, "AccountNotRegisteredException", "ListDelegatedServicesForAccount", AccountId=id)
    o(d, "RegisterDelegatedAdministrator", **one)
    listed = o(d, "ListDelegatedAdministrators", **SERVICE)["DelegatedAdministrators"]
    d.expect("organizations:ListDelegatedAdministrators", [it["Id"] for it in listed], [id])
    services = o(d, "ListDelegatedServicesForAccount", AccountId=id)["DelegatedServices"]
    d.expect("organizations:ListDelegatedServicesForAccount", [it["ServicePrincipal"] for it in services], [SERVICE["ServicePrincipal"]])
    d.expect("the date of the delegation", services[0]["DelegationEnabledDate"], listed[0]["DelegationEnabledDate"])
    gone(d, "AccountAlreadyRegisteredException", "RegisterDelegatedAdministrator", **one)
    gone(d, "ConstraintViolationException", "RegisterDelegatedAdministrator", AccountId=ACCOUNT, **SERVICE)
    gone(d, "ConstraintViolationException", "RemoveAccountFromOrganization", AccountId=id)
    o(d, "DeregisterDelegatedAdministrator", **one)
    d.expect("organizations:ListDelegatedAdministrators", o(d, "ListDelegatedAdministrators", **SERVICE)["DelegatedAdministrators"], [])
    gone(d, "AccountNotRegisteredException", "DeregisterDelegatedAdministrator", **one)
    o(d, "RemoveAccountFromOrganization", AccountId=id)


def resource_policy(d: Driver) -> None:
    statement = {"Sid": "delegate", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Resource": "*"}
    gone(d, "ResourcePolicyNotFoundException", "DescribeResourcePolicy")
    made = None
    for actions in ("organizations:DescribePolicy", ["organizations:DescribePolicy", "organizations:ListPolicies"]):
        content = document({**statement, "Action": actions})
        put = o(d, "PutResourcePolicy", Content=content)["ResourcePolicy"]
        read = o(d, "DescribeResourcePolicy")["ResourcePolicy"]
        d.same("organizations:DescribeResourcePolicy", read, {**put, "Content": content})
        made = made or put["ResourcePolicySummary"]
        d.expect("organizations:PutResourcePolicy", put["ResourcePolicySummary"], made)
    tagging(d, made["Id"], {})
    gone(d, "InvalidInputException", "PutResourcePolicy", Content="{}")
    o(d, "DeleteResourcePolicy")
    gone(d, "ResourcePolicyNotFoundException", "DescribeResourcePolicy")


def drive(d: Driver) -> None:
    root = d.part(organization)
    if not root:
        return
    d.part(tagging, root, {})
    for part in (unit, account, policy, policy_type):
        d.part(part, root)
    for part in (invited_account, service_access, delegated_administrator, resource_policy):
        d.part(part)
