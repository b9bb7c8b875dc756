"""The CKAN actions in the service's OpenAPI document, from the table of actions."""

from typing import Any

from services.catalog.ckan.actions import ACTIONS, Action

TAG = {
    "name": "CKAN action API",
    "description": "What CKAN's clients and harvesters speak, under `/api/3/action/` and `/api/action/`, by GET with a"
    " query string and by POST with JSON or a form. Public packages need no token; a token may stand in"
    " `Authorization`, with or without `Bearer`. Answers are `{help, success, result}`, refusals"
    ' `{help, success: false, error: {"__type", "message"}}`.',
}
_ERRORS = {
    "400": "The search query is not valid, or the request cannot be read",
    "403": "The token is not valid",
    "404": "There is no such thing",
    "409": "A parameter is missing or not valid",
    "503": "The database is away",
}


def add_actions(document: dict[str, Any]) -> None:
    """Add every action's paths and the envelope's schemas to an OpenAPI document."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["CkanAnswer"] = _envelope({"result": {"description": "What the action returns"}}, succeeds=True)
    schemas["CkanRefusal"] = _envelope(
        {
            "error": {
                "type": "object",
                "required": ["__type"],
                "properties": {
                    "__type": {"type": "string", "examples": ["Not Found Error"]},
                    "message": {"type": "string"},
                },
                "additionalProperties": True,
            }
        },
        succeeds=False,
    )
    for name, action in ACTIONS.items():
        read = {} if action.writes else {"get": _get(name, action)}
        document["paths"][f"/api/3/action/{name}"] = {**read, "post": _post(name, action)}


def _envelope(content: dict[str, Any], *, succeeds: bool) -> dict[str, Any]:
    help_ = {"type": "string", "format": "uri", "description": "Where the action is explained"}
    return {
        "type": "object",
        "required": ["help", "success", *content],
        "properties": {"help": help_, "success": {"type": "boolean", "const": succeeds}, **content},
    }


def _get(name: str, action: Action) -> dict[str, Any]:
    schema = action.parameters.model_json_schema()
    required = set(schema.get("required", ()))
    parameters = [
        {
            "name": each,
            "in": "query",
            "required": each in required,
            "description": said.get("description", ""),
            "schema": {key: value for key, value in said.items() if key not in ("description", "title")},
        }
        for each, said in schema.get("properties", {}).items()
    ]
    return {**_operation(name, action), "operationId": f"ckan_{name}_get", "parameters": parameters}


def _post(name: str, action: Action) -> dict[str, Any]:
    schema = action.parameters.model_json_schema()
    schema.pop("title", None)
    content = {"schema": schema}
    forms = {"multipart/form-data": _with_file(schema)} if action.takes_file else {}
    body = {"content": {"application/json": content, "application/x-www-form-urlencoded": content, **forms}}
    return {**_operation(name, action), "operationId": f"ckan_{name}_post", "requestBody": body}


def _with_file(schema: dict[str, Any]) -> dict[str, Any]:
    file = {"type": "string", "format": "binary", "description": "The file, which stands in the place of `url`"}
    return {"schema": {**schema, "properties": {**schema.get("properties", {}), "upload": file}}}


def _operation(name: str, action: Action) -> dict[str, Any]:
    return {
        "tags": [TAG["name"]],
        "summary": name,
        "description": action.help,
        "security": [{}, {"HTTPBearer": []}],
        "responses": {
            "200": _response("What the action returns", "CkanAnswer"),
            **{status: _response(said, "CkanRefusal") for status, said in _ERRORS.items()},
        },
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
