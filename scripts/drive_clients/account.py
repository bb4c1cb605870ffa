"""Account Management: contacts, the name, Regions."""

from drive_clients.driver import ACCOUNT, Driver

CONTACT = {
    "FullName": "Ann Example",
    "CompanyName": "Example Corp.",
    "AddressLine1": "1 Main Street",
    "City": "Bern",
    "PostalCode": "3000",
    "CountryCode": "CH",
    "PhoneNumber": "+41310000000",
}


def contact_information(d: Driver) -> None:
    wanted = dict(CONTACT)
    for change in ({}, {"City": "Basel", "PostalCode": "4000"}):
        wanted |= change
        d.call("account", "PutContactInformation", ContactInformation=wanted)
        d.same("account:GetContactInformation", d.call("account", "GetContactInformation")["ContactInformation"], wanted)


def alternate_contact(d: Driver) -> None:
    kind = {"AlternateContactType": "BILLING"}
    wanted = {"Name": "Ann", "Title": "CFO", "EmailAddress": "ann@example.com", "PhoneNumber": "+41310000000", **kind}
    d.refused("ResourceNotFoundException", "account", "GetAlternateContact", **kind)
    for change in ({}, {"Name": "Bea", "Title": "Controller"}):
        wanted |= change
        d.call("account", "PutAlternateContact", **wanted)
        d.same("account:GetAlternateContact", d.call("account", "GetAlternateContact", **kind)["AlternateContact"], wanted)
    d.call("account", "DeleteAlternateContact", **kind)
    d.refused("ResourceNotFoundException", "account", "GetAlternateContact", **kind)
    d.refused("ResourceNotFoundException", "account", "DeleteAlternateContact", **kind)


def name(d: Driver) -> None:
    for wanted in ("orders", "orders of the shop"):
        d.call("account", "PutAccountName", AccountName=wanted)
        d.same("account:GetAccountInformation", d.call("account", "GetAccountInformation"), {"AccountId": ACCOUNT, "AccountName": wanted})


def region(d: Driver) -> None:
    one = {"RegionName": "af-south-1"}
    for operation, wanted in (("EnableRegion", "ENABLED"), ("DisableRegion", "DISABLED")):
        d.call("account", operation, **one)
        d.until(lambda answer, wanted=wanted: answer["RegionOptStatus"] == wanted, "account", "GetRegionOptStatus", **one)
        listed = d.call("account", "ListRegions", MaxResults=50, RegionOptStatusContains=[wanted])["Regions"]
        d.expect("account:ListRegions", [it for it in listed if it["RegionName"] == one["RegionName"]], [{**one, "RegionOptStatus": wanted}])
    d.refused("ValidationException", "account", "DisableRegion", RegionName="us-east-1")


def drive(d: Driver) -> None:
    for part in (contact_information, alternate_contact, name, region):
        d.part(part)
