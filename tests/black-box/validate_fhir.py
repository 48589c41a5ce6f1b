"""Holds FHIR resources to the models of PyPI's `fhir.resources` (R4B, the nearest to R4 that it has).

Reads one resource as JSON a line; prints, as JSON a line, the list of its faults, empty where it is valid.
"""

import json
import sys

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError


def faults(resource):
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        return [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    except Exception as error:  # A resource type that it does not know, or a fault of its own: told, not hidden.
        return [f"{type(error).__name__}: {error}"]
    return []


for line in sys.stdin:
    print(json.dumps(faults(json.loads(line))), flush=True)
