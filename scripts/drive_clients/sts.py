"""STS: sessions, for those with credentials and for those whom identity providers vouch for."""

import base64
import json
import time

from drive_clients.driver import ACCOUNT, Driver, document

ISSUER = "ci.example.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"
EVERYONE = [
    {"Effect": "Allow", "Principal": {"AWS": "*", "Service": "lambda.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
    {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}},
    },
    {
        "Effect": "Allow",
        "Principal": {"Federated": SAML},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    },
]


def token(**claims) -> str:
    """A JSON Web Token whose signature nobody looks at."""
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])


def response(role: str) -> str:
    """A SAML response whose signature nobody looks at."""
    attribute = '<Attribute Name="https://aws.amazon.com/SAML/Attributes/{}"><AttributeValue>{}</AttributeValue></Attribute>'.format
    attributes = attribute("Role", f"{SAML},{role}") + attribute("RoleSessionName", "ann")
    conditions = "<Conditions><AudienceRestriction><Audience>https://signin.aws.amazon.com/saml</Audience></AudienceRestriction></Conditions>"
    text = f"""<Response><Assertion><Issuer>https://idp.example.com</Issuer><Subject><NameID>ann</NameID></Subject>{conditions}
        <AttributeStatement>{attributes}</AttributeStatement></Assertion></Response>"""
    return base64.b64encode(text.encode()).decode()


def role_for_sessions(d: Driver) -> str:
    name = "sessions"
    role = d.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=document(*EVERYONE))["Role"]["Arn"]
    d.call("iam", "PutRolePolicy", RoleName=name, PolicyName="all", PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    return role


def session(d: Driver, role: str) -> None:
    d.expect("sts:GetCallerIdentity", d.call("sts", "GetCallerIdentity")["Arn"], f"arn:aws:iam::{ACCOUNT}:root")
    tag = [{"Key": "team", "Value": "a"}]
    answer = d.call("sts", "AssumeRole", RoleArn=role, RoleSessionName="drive", DurationSeconds=900, Tags=tag, TransitiveTagKeys=["team"])
    made = answer["Credentials"]
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/sessions/drive"
    d.expect("sts:AssumeRole", answer["AssumedRoleUser"]["Arn"], arn)
    d.expect("sts:AssumeRole, lengths", (len(made["AccessKeyId"]), len(made["SecretAccessKey"]), len(made["SessionToken"]) > 300), (20, 40, True))
    d.expect("sts:GetAccessKeyInfo", d.call("sts", "GetAccessKeyInfo", AccessKeyId=made["AccessKeyId"])["Account"], ACCOUNT)
    d.refused("AccessDenied", "sts", "AssumeRole", RoleArn=f"{role}-of-nobody", RoleSessionName="drive")
    d.refused("ValidationError", "sts", "AssumeRole", RoleArn=role, RoleSessionName="drive", DurationSeconds=7200)
    d.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"], "AWS_SESSION_TOKEN": made["SessionToken"]}
    d.expect("sts:GetCallerIdentity, of the session", d.call("sts", "GetCallerIdentity")["Arn"], arn)
    d.refused("InvalidParameterValue", "sts", "AssumeRole", RoleArn=role, RoleSessionName="drive", Tags=tag)
    d.refused("AccessDenied", "sts", "GetSessionToken")


def tokens_of_users(d: Driver) -> None:
    d.call("sts", "GetSessionToken")
    user = d.call("sts", "GetFederationToken", Name="visitor")["FederatedUser"]
    d.expect("sts:GetFederationToken", user["FederatedUserId"], f"{ACCOUNT}:visitor")
    d.call("sts", "DecodeAuthorizationMessage", EncodedMessage=base64.b64encode(b'{"allowed": false}').decode())
    d.refused("InvalidAuthorizationMessageException", "sts", "DecodeAuthorizationMessage", EncodedMessage="nothing")


def federation(d: Driver, role: str) -> None:
    claims = {"iss": f"https://{ISSUER}", "sub": "repo:team/app", "aud": "sts.amazonaws.com"}
    one = {"RoleArn": role, "RoleSessionName": "deploy"}
    d.call("sts", "AssumeRoleWithWebIdentity", **one, WebIdentityToken=token(**claims, exp=int(time.time()) + 600))
    d.refused("ExpiredTokenException", "sts", "AssumeRoleWithWebIdentity", **one, WebIdentityToken=token(**claims, exp=1))
    d.refused("InvalidIdentityToken", "sts", "AssumeRoleWithWebIdentity", **one, WebIdentityToken="nothing")
    answer = d.call("sts", "AssumeRoleWithSAML", RoleArn=role, PrincipalArn=SAML, SAMLAssertion=response(role))
    d.expect("sts:AssumeRoleWithSAML", answer["Issuer"], "https://idp.example.com")
    d.refused("AccessDenied", "sts", "AssumeRoleWithSAML", RoleArn=role, PrincipalArn=SAML, SAMLAssertion=response(f"{role}2"))


def drive(d: Driver) -> None:
    role = d.part(role_for_sessions)
    d.part(tokens_of_users)
    if role:
        d.part(session, role)
        d.part(federation, role)
