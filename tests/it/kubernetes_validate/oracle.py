"""What the schemas of a Kubernetes version say of objects: a line in, a line out, empty where nothing is wrong."""

import functools
import json
import re
import sys

import jsonschema
from kubernetes_validate import utils
from referencing import Registry, Resource


@functools.cache
def definitions(minor):
    path = f"kubernetes-json-schema/v{minor}.0-local-strict/_definitions.json"
    return Resource.from_contents(utils.schema_contents(path, minor))


@functools.cache
def validator(minor, api_version, kind):
    """As `kubernetes_validate.validate` makes one, kept for the next object."""
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    path = f"kubernetes-json-schema/v{minor}.0-local-strict/{kind.lower()}-{group}.json"
    try:
        schema = utils.schema_contents(path, minor)
    except FileNotFoundError:
        return None
    registry = definitions(minor) @ (Resource.from_contents(schema) @ Registry())
    return jsonschema.validators.Draft202012Validator(schema, registry=registry)


for line in sys.stdin:
    asked = json.loads(line)
    thing = asked["object"]
    judge = validator(asked["minor"], thing["apiVersion"], thing["kind"])
    error = next(judge.iter_errors(thing), None) if judge else None
    print(" ".join(error.message.split())[:200] if error else "")
