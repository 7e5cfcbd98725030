"""JupyterLab's configuration: what a notebook shows is not saved with it, because the file would outlive the images."""

c = get_config()  # noqa: F821 - JupyterLab defines it


def without_outputs(model, **_):
    """Empties the outputs of a notebook that is about to be written to disk."""
    if model["type"] != "notebook" or not model.get("content"):
        return
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


c.FileContentsManager.pre_save_hook = without_outputs
c.ServerApp.ip = "127.0.0.1"
# Nothing is fetched from anywhere else.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
