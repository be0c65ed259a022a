"""How Sphinx makes the site: `make site`. The pages are in toc.yml."""

import os
import re
import shutil
from operator import methodcaller
from pathlib import Path

project = "Sequence-to-sequence learning in PyTorch"
author = "the authors of Sequence-to-sequence learning in PyTorch"
extensions = ["myst_nb", "sphinx_external_toc", "sphinx-mathjax-offline"]
external_toc_path = "site/toc.yml"
external_toc_exclude_missing = True
exclude_patterns = [".*", "build", "checkpoints", "lab", "tests"]

nb_execution_mode = "off"  # the stored outputs
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3

myst_heading_slug_func = methodcaller("replace", " ", "-")  # as in Jupyter

html_theme = "sphinx_book_theme"
html_title = "Sequence to sequence"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_js_files = ["pictures.js"]
html_copy_source = html_show_copyright = html_show_sphinx = False
html_theme_options = {
    "show_toc_level": 2,
    "use_download_button": False,
    "navbar_persistent": [],  # one search field is enough
}
repository = os.environ.get("REPO")  # owner/name
if repository:
    html_theme_options |= {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": os.environ.get("BRANCH", "main"),
        "use_repository_button": True,
        "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    }


def add_index(app, error: Exception | None) -> None:
    """Let the site begin with the README."""
    if error is None:
        shutil.copy(Path(app.outdir, "README.html"), Path(app.outdir, "index.html"))


def use_own_files(app, name: str, source: list[str]) -> None:
    """Take out what `make colab` has written: badges, and addresses of pictures."""
    badge = r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)"
    address = r"https://raw\.githubusercontent\.com/[^)\s]*?/(?=assets/)"
    text = re.sub(badge, "", source[0])
    source[0] = re.sub(address, "../" * name.count("/"), text)


def setup(app) -> None:
    """Register what runs before a page is read, and after the build."""
    app.connect("source-read", use_own_files)
    app.connect("build-finished", add_index)
