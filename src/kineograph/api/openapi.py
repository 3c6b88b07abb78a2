"""The OpenAPI document and the models' input schemas, put together from the words in openapi.toml."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from importlib import resources
from typing import Any

from kineograph.api.openai_models import SIZE_NAMES
from kineograph.core.models import Catalogue, Model
from kineograph.core.request import ADAPTIVE, Role

Document = dict[str, Any]  # JSON

# 3.0 and not 3.1: not every generator of clients reads the later one.
_OPENAPI = "3.0.3"
_JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def openapi(catalogue: Catalogue, version: str) -> Document:
    """The whole document for these models."""
    words = _words()
    names = [model.name for model in catalogue.models]
    schemas = words["schemas"]
    schemas["GenerationRequest"]["properties"]["model"] |= {
        "enum": names,
        "description": _model_words(catalogue),
    }
    schemas["GenerationRequest"]["properties"]["duration"] |= {
        "minimum": min(model.durations[0] for model in catalogue.models),
        "maximum": max(model.durations[1] for model in catalogue.models),
    }
    words["parameters"]["ModelName"]["schema"]["enum"] = names
    schemas["VideoRequest"]["properties"]["size"]["enum"] = list(SIZE_NAMES)
    return {
        "openapi": _OPENAPI,
        "info": words["info"] | {"version": version},
        "security": [{"key": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(each["tag"] for each in words["operations"].values())],
        "paths": _paths(words),
        "components": {
            "schemas": {name: _linked(schema) for name, schema in schemas.items()},
            "parameters": {name: _parameter(each) for name, each in words["parameters"].items()},
            "responses": {
                f"{dialect}Error{status}": _error(status, text, dialect)
                for dialect in _DIALECTS
                for status, text in words["errors"].items()
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "All API endpoints require Bearer Token authentication",
                }
            },
        },
    }


def input_schema(model: Model) -> Document:
    """JSON Schema of the body this model takes: the document's, narrowed to what it can do."""
    schemas = _words()["schemas"]
    body = schemas["GenerationRequest"]
    fields = body["properties"]
    image, entry = schemas["ImageUrl"], schemas["RoleImage"]
    fields["model"] |= {"enum": [model.name]}
    fields["duration"] |= {"minimum": model.durations[0], "maximum": model.durations[1]}
    fields["resolution"]["enum"] = list(model.resolutions)
    fields["aspect_ratio"]["enum"] = [*model.aspect_ratios, ADAPTIVE]
    entry["properties"] |= {"url": image, "role": {"type": "string", "enum": _roles(model)}}
    fields["image_urls"]["items"], fields["image_with_roles"]["items"] = image, entry
    if Role.FIRST_FRAME not in model.roles:
        del fields["image_urls"]
    if not model.roles:
        del fields["image_with_roles"]
    return {"$schema": _JSON_SCHEMA, "title": model.name, **_without_nullable(body)}


def _words() -> Document:
    return deepcopy(_TEXT)


# What begins the names of a dialect's error bodies -> where its words are.
_DIALECTS = {"": "openapi.toml", "Ark": "openapi_ark.toml", "OpenAI": "openapi_openai.toml"}


def _read() -> Document:
    """The words of all dialects in one; each operation knows its own."""
    merged: Document = {}
    for dialect, name in _DIALECTS.items():
        words = tomllib.loads(resources.files("kineograph.api").joinpath(name).read_text("utf-8"))
        for operation in words["operations"].values():
            operation["dialect"] = dialect
        for section, entries in words.items():
            merged[section] = merged[section] | entries if section in merged else entries
    return merged


_TEXT: Document = _read()


def _model_words(catalogue: Catalogue) -> str:
    lines = [f"{model.name} - {model.description}".rstrip(" -") for model in catalogue.models]
    return "Video generation model name. Supported models:\n" + "\n".join(f"  • {line}" for line in lines)


def _roles(model: Model) -> list[str]:
    alias = ["reference_image"] if Role.REFERENCE in model.roles else []
    return [str(role) for role in Role if role in model.roles] + alias


def _paths(words: Document) -> Document:
    paths: Document = {}
    for name, operation in words["operations"].items():
        method, path = operation["route"].split()
        for number, each in enumerate((path, *operation.get("aliases", ()))):
            shape = _operation(words, operation, name if number == 0 else f"{name}_{number}")
            paths.setdefault(each, {})[method.lower()] = shape
    return paths


def _operation(words: Document, operation: Document, name: str) -> Document:
    shape: Document = {"operationId": name, "tags": [operation["tag"]], "summary": operation["summary"]}
    if "description" in operation:
        shape["description"] = operation["description"].strip()
    if operation.get("public"):
        shape["security"] = []
    if "parameters" in operation:
        shape["parameters"] = [{"$ref": f"#/components/parameters/{each}"} for each in operation["parameters"]]
    if "body" in operation:
        content: Document = {"schema": _linked(f"${operation['body']}")}
        if operation["body"] == "GenerationRequest":
            content["examples"] = {f"case{n}": _example(each) for n, each in enumerate(words["examples"], 1)}
        kinds = operation.get("body_types", [operation.get("body_type", "application/json")])
        shape["requestBody"] = {"required": True, "content": dict.fromkeys(kinds, content)}
    shape["responses"] = _responses(words, operation)
    return shape


def _responses(words: Document, operation: Document) -> Document:
    good: Document = {"description": "Success"}
    if "headers" in operation:
        good["headers"] = dict(_header(key, words["headers"][key]) for key in operation["headers"])
    responses: Document = {"200": good}
    if "answer" in operation:
        good["content"] = {"application/json": {"schema": _linked(f"${operation['answer']}")}}
        if operation.get("csv"):
            good["content"]["text/csv"] = {"schema": {"type": "string"}}
    elif operation.get("events"):
        good["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
        responses["204"] = {"description": "The task is finished and everything was seen"}
    elif operation.get("file"):
        binary = {"schema": {"type": "string", "format": "binary"}}
        good["content"] = dict.fromkeys(("video/mp4", "image/jpeg", "image/png", "image/webp", "image/gif"), binary)
        responses["204"] = {"description": "The link is a preview's, and there is no frame yet"}
        responses["206"] = good | {"description": "The asked part"}
    if operation.get("unchanged"):
        responses["304"] = {"description": "Unchanged"}
    return responses | {
        f"{status}": {"$ref": f"#/components/responses/{operation['dialect']}Error{status}"}
        for status in operation["errors"]
    }


def _example(example: Document) -> Document:
    return {"summary": example["name"], "value": example["value"]}


def _header(key: str, header: Document) -> tuple[str, Document]:
    return header.get("name", key), {name: value for name, value in header.items() if name != "name"}


def _parameter(parameter: Document) -> Document:
    return {"required": True} | parameter if parameter["in"] == "path" else parameter


def _error(status: str, text: str, dialect: str) -> Document:
    error: Document = {"description": text, "content": {"application/json": {"schema": _linked(f"${dialect}Error")}}}
    headers = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
    if status in headers:
        error["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return error


def _linked(schema: Any) -> Any:
    """`$Name` -> a reference to that schema, at any depth; TOML has no null, so it is added to what may be null."""
    if isinstance(schema, str):
        return {"$ref": f"#/components/schemas/{schema[1:]}"} if schema.startswith("$") else schema
    if isinstance(schema, dict):
        linked = {name: _linked(value) for name, value in schema.items()}
        if schema.get("nullable") is True and "enum" in linked:
            linked["enum"] = [*linked["enum"], None]
        return linked
    return [_linked(each) for each in schema] if isinstance(schema, list) else schema


def _without_nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` and `example` in JSON Schema's own words."""
    if isinstance(schema, list):
        return [_without_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _without_nullable(value) for name, value in schema.items() if name not in {"nullable", "example"}}
    if "example" in schema:
        plain["examples"] = [schema["example"]]
    if schema.get("nullable") is True:
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain
