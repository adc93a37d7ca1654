"""Measures boto3 and botocore in a long-lived process: reads JSON lines, writes milliseconds."""
import json
import sys
import time

import boto3
import botocore.session
from botocore.configloader import load_config


def assume(question):
    client = clients.setdefault(question["url"], None)
    if client is None:
        client = boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="EXAMPLE").client(
            "sts", region_name="eu-west-1", endpoint_url=question["url"], verify=question.get("caFile"))
        clients[question["url"]] = client
    client.assume_role(RoleArn=question["roleArn"], RoleSessionName="bench")


def find(question):
    session = botocore.session.Session(profile=question["profile"])
    session.set_config_variable("config_file", question["config"])
    session.set_config_variable("credentials_file", question["credentials"])
    assert session.get_scoped_config()["region"]


def list_profiles(question):
    session = botocore.session.Session()
    session.set_config_variable("config_file", question["config"])
    session.set_config_variable("credentials_file", question["credentials"])
    assert len(session.available_profiles) >= question["count"]


clients = {}
methods = {"assume": assume, "find": find, "list": list_profiles}
for line in sys.stdin:
    question = json.loads(line)
    start = time.perf_counter()
    methods[question["method"]](question)
    print(json.dumps({"ms": (time.perf_counter() - start) * 1000}), flush=True)
