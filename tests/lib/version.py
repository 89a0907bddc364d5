"""The version that src/version.h gives everything that is built."""
import os, re

with open(os.path.join(os.path.dirname(__file__), "../../src/version.h")) as header:
    VERSION = ".".join(re.findall(r"^#define CERTWITNESS_(?:MAJOR|MINOR|PATCH) +(\d+)", header.read(), re.M))
