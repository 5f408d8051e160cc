"""Holds every answer that boto3 receives against botocore's model of the service: no member that the model does not know,
none missing that it requires, each of the type it names."""
import json
import xml.etree.ElementTree as xml

from botocore.parsers import RpcV2CBORParser

JUDGED = set()  # (service, operation) whose answer was judged at least once


class Misfit(AssertionError):
    pass


def watch(client):
    """Judges the answers to all calls of a client."""
    client.meta.events.register("after-call", _judge)
    return client


def _judge(http_response, model, **_):
    if http_response.status_code >= 300:
        return
    JUDGED.add((model.service_model.service_name, model.name))
    shape, body = model.output_shape, http_response.content
    where = f"{model.service_model.service_name}.{model.name}"
    protocol = model.service_model.resolved_protocol
    if protocol == "query":
        root = xml.fromstring(body)
        _strip_namespaces(root)
        if root.tag != model.name + "Response":
            raise Misfit(f"{where}: the root is <{root.tag}>")
        if root.find("ResponseMetadata/RequestId") is None:
            raise Misfit(f"{where}: no RequestId")
        wrapper = shape.serialization.get("resultWrapper") if shape else None
        known = {"ResponseMetadata"} | ({wrapper} if wrapper else set())
        if {child.tag for child in root} - known:
            raise Misfit(f"{where}: unknown elements {[c.tag for c in root]}")
        if wrapper:
            _xml(shape, root.find(wrapper), where)
    elif protocol == "smithy-rpc-v2-cbor":
        parser = RpcV2CBORParser()
        if shape and body:
            _value(shape, parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)), where)
    elif shape:
        _value(shape, json.loads(body or b"{}"), where)


def _members(shape, names, where):
    unknown = set(names) - set(shape.members)
    if unknown:
        raise Misfit(f"{where}: members unknown to the model: {sorted(unknown)}")
    missing = set(shape.required_members) - set(names)
    if missing:
        raise Misfit(f"{where}: members missing that the model requires: {sorted(missing)}")


TYPES = {"string": str, "boolean": bool, "integer": int, "long": int, "list": list, "map": dict, "structure": dict}


def _value(shape, value, where):
    wanted = TYPES.get(shape.type_name)
    if wanted and (not isinstance(value, wanted) or wanted is int and isinstance(value, bool)):
        raise Misfit(f"{where}: {value!r} is no {shape.type_name}")
    if shape.type_name == "structure":
        _members(shape, value, where)
        for name, member in value.items():
            _value(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for member in value:
            _value(shape.member, member, where + "[]")
    elif shape.type_name == "map":
        for member in value.values():
            _value(shape.value, member, where + "{}")


def _strip_namespaces(root):
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]


def _xml(shape, element, where):
    if element is None:
        raise Misfit(f"{where}: no result")
    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        _members(shape, [names.get(child.tag, child.tag) for child in element], where)
        for child in element:
            _xml(shape.members[names[child.tag]], child, f"{where}.{child.tag}")
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            if child.tag != wanted:
                raise Misfit(f"{where}: <{child.tag}> in a list of <{wanted}>")
            _xml(shape.member, child, where + "[]")
    elif shape.type_name == "map":
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        for entry in element:
            if entry.tag != "entry" or [child.tag for child in entry] != [key, value]:
                raise Misfit(f"{where}: a map with <{entry.tag}> {[child.tag for child in entry]}")
    elif shape.type_name in ("integer", "long"):
        int(element.text)
    elif shape.type_name in ("float", "double"):
        float(element.text)
    elif shape.type_name == "boolean" and element.text not in ("true", "false"):
        raise Misfit(f"{where}: {element.text!r} is no boolean")
