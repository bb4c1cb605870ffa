"""Calls through one client, compared with the models and with what was asked for."""

import datetime
import io
import json
import time
import zipfile

from drive_clients.clients import Refused

ACCOUNT = "111122223333"
KEYS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"}
# How long a state may take to settle, in seconds; Terraform waits minutes.
PATIENCE = 30
# Where AWS answers other words than its models have: `Policy` (IAM's API reference), `IAM Policy` and `Creating` (recorded by LocalStack).
LOOSE_ENUMS = {"PermissionsBoundaryAttachmentType", "PolicySourceType", "LastUpdateStatusReasonCode"}
# Where AWS leaves out members that its models require: of a function without code signing (recorded by LocalStack).
LOOSE_STRUCTURES = {"GetFunctionCodeSigningConfigResponse"}
TYPES = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime.datetime,
    "list": list,
    "map": dict,
    "structure": dict,
}


class NotImplementedByMock(Exception):
    """The mock says that it does not implement an operation."""


class Failed(Exception):
    """A call failed that what follows rests on; the failure is noted already."""


class Driver:
    """Makes calls through one client and notes what was driven and what is wrong."""

    def __init__(self, name: str, client, model, implemented: set, complete: bool):
        # The CLI puts pages together, renders times as text, and leaves markers out: its answers are not as the model has them.
        self.name, self.client, self.model, self.implemented, self.complete = name, client, model, implemented, complete
        self.driven: set = set()
        self.problems: list = []
        self.left_out: list = []
        self.keys = KEYS

    def problem(self, text: str) -> None:
        told = f"{self.name}: {text}"
        if told not in self.problems:
            self.problems.append(told)

    def part(self, drive, *arguments):
        """Runs one part; one that cannot go on ends alone, and the others are driven all the same."""
        try:
            return drive(self, *arguments)
        except NotImplementedByMock as missing:
            self.left_out.append(f"{drive.__name__}: the mock does not implement {missing}")
        except Failed as failed:
            self.problem(f"{drive.__name__} ended early: {failed}")
        except (KeyError, IndexError, TypeError, ValueError, StopIteration) as error:  # an answer that is not as it should be
            self.problem(f"{drive.__name__} ended early: {type(error).__name__} {error}")
        finally:
            self.keys = KEYS
        return None

    def call(self, service: str, operation: str, **arguments) -> dict:
        if (service, operation) not in self.implemented:
            raise NotImplementedByMock(f"{service}:{operation}")
        try:
            answer = self.client.call(service, operation, arguments, self.keys)
        except Exception as error:
            self.problem(f"{service}:{operation}: {error}")
            raise Failed(f"{service}:{operation}") from error
        self.driven.add((service, operation))
        shape = self.model(service).operation_model(operation).output_shape
        if shape is not None and self.complete:
            self.check(f"{service}:{operation}", shape, answer)
        return answer

    def refused(self, code: str, service: str, operation: str, **arguments) -> None:
        """The call is refused with a code: what is not there, or not allowed."""
        if not self.is_refused(code, service, operation, arguments):
            self.problem(f"{service}:{operation} {arguments} answered instead of {code}")

    def is_refused(self, code: str, service: str, operation: str, arguments: dict) -> bool:
        """Whether a call is refused. To be refused with another code is a problem."""
        if (service, operation) not in self.implemented:
            raise NotImplementedByMock(f"{service}:{operation}")
        try:
            self.client.call(service, operation, arguments, self.keys)
        except Refused as error:
            if error.code != code:
                self.problem(f"{service}:{operation}: {error} instead of {code}")
            return True
        except Exception as error:
            self.problem(f"{service}:{operation}: {error}")
            raise Failed(f"{service}:{operation}") from error
        return False

    def until(self, ready, service: str, operation: str, **arguments) -> dict:
        """Reads until what is read is ready, as Terraform's waiters do."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.call(service, operation, **arguments)
            if ready(answer):
                return answer
            if time.monotonic() > end:
                self.problem(f"{service}:{operation} {arguments} did not settle in {PATIENCE} s: {answer}")
                raise Failed(f"{service}:{operation}")
            time.sleep(0.1)

    def until_gone(self, code: str, service: str, operation: str, **arguments) -> None:
        """Reads until what is read is gone: deletions may take a while."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.is_refused(code, service, operation, arguments):
                return
            time.sleep(0.1)
        self.problem(f"{service}:{operation} {arguments} still answers instead of {code}")

    def expect(self, place: str, actual, wanted) -> None:
        if actual != wanted:
            self.problem(f"{place}: {actual!r} instead of {wanted!r}")

    def same(self, place: str, actual, wanted) -> None:
        """What was asked for is what is read: members that nobody asked for may be there too, all others are equal."""
        if isinstance(wanted, dict) and isinstance(actual, dict):
            for name, value in wanted.items():
                if name in actual:
                    self.same(f"{place}.{name}", actual[name], value)
                else:
                    self.problem(f"{place}: {name} is missing, which was {value!r}")
        else:
            self.expect(place, actual, wanted)

    def check(self, place: str, shape, value) -> None:
        # botocore decodes policy documents into objects.
        document = shape.name in ("policyDocumentType", "PolicyDocument") and isinstance(value, dict)
        kind = TYPES.get(shape.type_name)
        if kind is None or document:
            return
        if not isinstance(value, kind) or (shape.type_name != "boolean" and isinstance(value, bool)):
            self.problem(f"{place}: {value!r} is no {shape.type_name}")
        elif shape.type_name == "string" and shape.enum and value not in shape.enum and shape.name not in LOOSE_ENUMS:
            self.problem(f"{place}: {value!r} is none of {', '.join(shape.enum)}")
        elif shape.type_name == "structure":
            for name in shape.required_members:
                if name not in value and shape.name not in LOOSE_STRUCTURES:
                    self.problem(f"{place}: {name} is required and missing")
            for name, member in shape.members.items():
                if name in value:
                    self.check(f"{place}.{name}", member, value[name])
        elif shape.type_name == "list":
            for item in value:
                self.check(f"{place}[]", shape.member, item)
        elif shape.type_name == "map":
            for item in value.values():
                self.check(f"{place}{{}}", shape.value, item)


def package(text: str) -> bytes:
    """A deployment package that is the same for the same text."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("index.py"), text)
    return archive.getvalue()


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tags(listed: list) -> dict:
    """Tags, whatever their order."""
    return {tag["Key"]: tag["Value"] for tag in listed}
