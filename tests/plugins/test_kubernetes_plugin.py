"""
The genuine Kubernetes plugin with its Python package, without a cluster (protocol.md §3-§6).

It writes what it would apply into a folder of files, which is all of a deployment but the cluster:
checks with random names, diffs, replacements, secrets, functions, and components of its own, which it
registers with our engine.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import genuine_plugins
from support.commands import Room, names
from support.provider_packages import fetched

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(300)]

PACKAGES = {
    "pulumi_kubernetes": genuine_plugins.KUBERNETES,
    # What its modules of manifests import.
    "requests": "2.32.5",
    "urllib3": "2.5.0",
    "charset_normalizer": "3.4.4",
}

OBJECTS = """
    import pulumi
    import pulumi_kubernetes as k8s
    from pulumi_kubernetes.apps.v1 import Deployment, DeploymentSpecArgs
    from pulumi_kubernetes.core.v1 import ContainerArgs, Namespace, PodSpecArgs, PodTemplateSpecArgs
    from pulumi_kubernetes.core.v1 import Secret, Service
    from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

    config = pulumi.Config()
    files = k8s.Provider("files", render_yaml_to_directory="files", namespace="apps")
    opts = pulumi.ResourceOptions(provider=files)
    apps = Namespace("apps", metadata=ObjectMetaArgs(name="apps"), opts=opts)
    labels = {"app": "web"}
    web = Deployment(
        "web",
        metadata=ObjectMetaArgs(name=config.get("name") or "web"),
        spec=DeploymentSpecArgs(
            selector=LabelSelectorArgs(match_labels=labels),
            replicas=config.get_int("replicas") or 1,
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=labels),
                spec=PodSpecArgs(containers=[ContainerArgs(name="web", image="nginx")]),
            ),
        ),
        opts=pulumi.ResourceOptions(provider=files, depends_on=[apps]),
    )
    ports = [{"port": 80, "target_port": 80}]
    service = Service("service", spec={"selector": labels, "ports": ports}, opts=opts)
    Secret("secret", string_data={"password": config.require_secret("password")}, opts=opts)
    pulumi.export("replicas", web.spec.replicas)
    pulumi.export("service", service.metadata.name)
"""

PACKAGED = """
    import pulumi
    import pulumi_kubernetes as k8s
    from pulumi_kubernetes.helm import v3 as helm3, v4 as helm4
    from pulumi_kubernetes.kustomize import v2 as kustomize
    from pulumi_kubernetes.yaml import ConfigFile, v2 as yaml

    files = k8s.Provider("files", render_yaml_to_directory="files", namespace="apps")
    opts = pulumi.ResourceOptions(provider=files)
    older = pulumi.ResourceOptions(providers={"kubernetes": files})

    def labelled(obj, opts):
        obj.setdefault("metadata", {}).setdefault("labels", {})["ours"] = "yes"

    file = ConfigFile("file", file="app.yaml", transformations=[labelled], opts=older)
    pulumi.export("labels", file.get_resource("v1/ConfigMap", "app").metadata.labels)
    local = helm3.LocalChartOpts(path="chart", values={"size": 3}, namespace="apps")
    chart = helm3.Chart("old", local, opts=older)
    pulumi.export("old", chart.get_resource("v1/ConfigMap", "old-map", "apps").data)

    objs = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "obj"}, "data": {"x": file.urn}}]
    yaml.ConfigGroup("group", objs=objs, opts=opts)
    newer = helm4.Chart("new", chart="./chart", values={"size": 7}, opts=opts)
    pulumi.export("new", newer.resources.apply(lambda found: [one._name for one in found]))
    kustomize.Directory("custom", directory="./custom", opts=opts)
"""

MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: %s}
data: {size: "%s"}
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A project with the package, its plugin, and a chart, a manifest and an overlay to deploy."""
    places = [str(fetched(package, version)) for package, version in PACKAGES.items()]
    plugins = tmp_path / "plugins"
    genuine_plugins.kubernetes(plugins)
    path = os.pathsep.join([*places, os.environ.get("PYTHONPATH", "")])
    made = Room(tmp_path, PULUMI_HOME=str(tmp_path), PYTHONPATH=path)
    made.environment.pop("KUBECONFIG", None)
    made.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    made.write("chart/templates/map.yaml", MAP % ("{{ .Release.Name }}-map", "{{ .Values.size }}"))
    made.write("app.yaml", MAP % ("app", 1))
    made.write("custom/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: my-\n")
    made.write("custom/map.yaml", MAP % ("map", 1))
    return made.init()


def files(room: Room) -> list[str]:
    return sorted(path.name for path in (room.project / "files" / "1-manifest").iterdir())


def test_objects(room: Room) -> None:
    """Created, unchanged, updated, replaced under another name, deleted; secrets stay secret in the state."""
    room.program(OBJECTS)
    room.ok("config", "set", "--secret", "password", "hunter2")
    room.up()
    service = room.outputs()["service"]
    assert service.startswith("service-")
    assert {f"v1-service-apps-{service}.yaml", "v1-namespace-default-apps.yaml"} <= set(files(room))
    assert "hunter2" not in room.ok("stack", "export")
    assert "6 unchanged" in room.up()

    room.ok("config", "set", "replicas", "3")
    assert "replicas: 1 => 3" in room.ok("preview", "--diff")
    assert "~ 1 updated" in room.up()
    assert room.outputs() == {"replicas": 3, "service": service}

    room.ok("config", "set", "name", "site")
    assert "+-1 replaced" in room.up()
    kept = [name for name in files(room) if "deployment" in name]
    assert kept == ["apps_v1-deployment-apps-site.yaml"]

    room.ok("destroy", "--yes")
    assert files(room) == []


def test_manifests_charts_and_overlays(room: Room) -> None:
    """Expanded in Python by the plugin's functions, and by components of the plugin itself."""
    room.program(PACKAGED)
    room.up()

    assert room.outputs() == {"labels": {"ours": "yes"}, "old": {"size": "3"}, "new": ["new:apps/new-map"]}
    found = ["app", "apps/old-map", "custom:apps/my-map", "group:apps/obj", "new:apps/new-map"]
    assert [name for name in names(room.resources()) if "/" in name or name == "app"] == found
    assert "unchanged" in room.up()
    assert len(files(room)) == 5
    room.ok("destroy", "--yes")
    assert files(room) == []
