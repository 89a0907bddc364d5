#!/usr/bin/python3
"""settings.t once more, with a CA that does not answer ModuleRegistryLocation: its settings are found by its name, and no test falls."""
import os, runpy

os.environ["CERTWITNESS_LOCATION"] = "refused"
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings.t"), run_name="__main__")
