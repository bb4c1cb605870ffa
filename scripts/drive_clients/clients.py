"""The two clients, behind one way of calling."""

import contextlib
import io
import json
import os
from pathlib import Path

REGION = "eu-west-1"


class Refused(Exception):
    """An error that the service answered with."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code


class Boto3:
    """Calls through boto3."""

    def __init__(self, url: str):
        import boto3

        self.url, self.boto3 = url, boto3

    def model(self, service: str):
        return self.boto3.client(service, region_name=REGION).meta.service_model

    def call(self, service: str, operation: str, arguments: dict, keys: dict) -> dict:
        from botocore import xform_name
        from botocore.exceptions import ClientError
        from botocore.response import StreamingBody

        credentials = {name.lower(): value for name, value in keys.items()}
        client = self.boto3.client(service, endpoint_url=self.url, region_name=REGION, **credentials)
        try:
            answer = getattr(client, xform_name(operation))(**arguments)
        except ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
        return {name: value.read() if isinstance(value, StreamingBody) else value for name, value in answer.items()}


class Cli:
    """Calls through the AWS CLI, from its own entry point on, within this process: starting it hundreds of times would take minutes."""

    def __init__(self, url: str, model, folder: Path):
        self.url, self.model, self.folder = url, model, folder

    def call(self, service: str, operation: str, arguments: dict, keys: dict) -> dict:
        from awscli.clidriver import create_clidriver
        from botocore import xform_name

        shape = self.model(service).operation_model(operation).input_shape
        # The environment alone does not turn every service: SQS has an older address that goes before.
        command = [service, xform_name(operation, "-"), "--output", "json", "--endpoint-url", self.url]
        for name, value in arguments.items():
            command += self.flags(name, shape.members[name], value)
        output = self.model(service).operation_model(operation).output_shape
        body = output.serialization.get("payload") if output is not None else None
        body = body if body and output.members[body].type_name == "blob" else None
        # The CLI writes a body to a file, which it wants to be named last.
        command += [str(self.payload())] if body else []
        os.environ.update({"AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
        os.environ.update(keys)
        out, problems = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(problems):
            try:
                code = create_clidriver().main(command)
            except SystemExit as ended:
                code = ended.code
        told = problems.getvalue().strip()
        if code:
            within = told.partition("(")[2].partition(")")[0]
            raise Refused(within or "CommandFailed", told)
        answer = json.loads(out.getvalue()) if out.getvalue().strip() else {}
        return answer | {body: self.payload().read_bytes()} if body else answer

    def payload(self) -> Path:
        return self.folder / "payload"

    def flags(self, name: str, shape, value) -> list:
        from botocore import xform_name

        flag = "--" + xform_name(name, "-")
        if shape.type_name == "boolean":
            return [flag if value else flag.replace("--", "--no-", 1)]
        if shape.type_name == "blob":
            return [flag, self.file(value)]
        if shape.type_name == "structure":
            # The CLI takes packages from files of their own.
            package = value.get("ZipFile")
            rest = {name: inner for name, inner in value.items() if name != "ZipFile"}
            return (["--zip-file", self.file(package)] if package else []) + ([flag, json.dumps(rest)] if rest else [])
        if shape.type_name in ("list", "map"):
            return [flag, json.dumps(value)]
        return [f"{flag}={value}"]

    def file(self, content: bytes) -> str:
        path = self.folder / "package.zip"
        path.write_bytes(content)
        return f"fileb://{path}"
