"""How Sphinx reads and shows the site; `build.py` calls it.

Source: ours.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from docutils import nodes

sys.path.insert(0, str(Path(__file__).parent))

project = "mlj_keras"
author = "the mlj_keras developers"
copyright = author
release = version = metadata.version("mlj_keras")

extensions = ["myst_nb", "sphinx_copybutton", "sphinx_design"]
root_doc = "index"
exclude_patterns = ["tutorials/site", "tutorials/demo.py", "notebooks", "README.md"]
suppress_warnings = ["misc.highlighting_failure"]
nitpicky = True  # a name that leads nowhere is a warning, and warnings are errors

# The tutorials are scripts in the percent format.
nb_custom_formats = {".py": "scripts.read"}
nb_execution_mode = os.environ.get("SITE_EXECUTION", "off")
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_execution_show_tb = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"mlj_keras {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
add_module_names = False
python_maximum_signature_line_length = 78
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# TensorFlow says this to every new process, on a CPU without anything to be said.
_NOISE = re.compile(
    r"(?:\[worker \d+\] )?(?:WARNING: All log messages before absl|[IWE]0000 00:00:)"
)


def without_noise(_: Any, document: nodes.document) -> None:
    """Leave out of the outputs what TensorFlow says of itself when it is loaded."""
    for node in list(document.findall(nodes.literal_block)):
        if "stderr" not in node["classes"]:
            continue
        lines = node.astext().splitlines()
        kept = [line for line in lines if not _NOISE.match(line)]
        if not kept:
            node.parent.remove(node)
        elif len(kept) < len(lines):
            text = "\n".join(kept)
            node.rawsource, node.children = text, []
            node += nodes.Text(text)


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("doctree-read", without_noise)
