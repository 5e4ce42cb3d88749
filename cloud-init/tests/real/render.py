"""Reads a seed medium and renders its network, by the code of the cloud-init on PYTHONPATH.

    render.py MEDIUM RENDERER DISTRIBUTION FOLDER

cloud-init finds, reads and renders as it does in a guest, with three differences: it is shown one block device, the
medium; reads it without mounting it, which would take root's rights; and writes below FOLDER. What the seed says of
the machine goes to standard output, as JSON. It runs with every release from 0.7.9 on.
"""
import importlib
import json
import os
import subprocess
import sys
import tempfile

from cloudinit import distros, helpers, util
from cloudinit.net import network_state
from cloudinit.sources.DataSourceNoCloud import DataSourceNoCloud

medium, renderer, distribution, folder = sys.argv[1:]
folder = os.path.realpath(folder)
root, scratch = (os.path.join(folder, name) for name in ("root", "scratch"))
os.makedirs(root)
os.makedirs(scratch)
tempfile.tempdir = scratch


def find_devs_with(criteria=None, **_):
    """The devices of which blkid says `criteria`, such as LABEL=cidata."""
    said = subprocess.check_output(["blkid", "-p", "-o", "export", medium]).decode()
    return [medium] if criteria in said.splitlines() else []


def mount_cb(device, callback, data=None, **_):
    """What `callback` makes of the files on `device`."""
    with tempfile.TemporaryDirectory() as files:
        for name in ("user-data", "meta-data", "network-config"):
            content = subprocess.check_output(["isoinfo", "-i", device, "-J", "-x", "/" + name])
            with open(os.path.join(files, name), "wb") as file:
                file.write(content)
        return callback(files, data)


def refuse_to_touch_the_host(event, arguments):
    """An audit hook: a renderer that forgets its target would write to this machine, whose root may be running this."""
    if event == "open":
        path, _, flags = arguments
        touches = isinstance(path, str) and flags & (os.O_WRONLY | os.O_RDWR)
    else:
        path, touches = arguments[0], event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.chmod", "os.chown")
    if touches and path != os.devnull and not os.path.realpath(path).startswith(folder + "/"):
        raise PermissionError("%s of %s" % (event, path))
    if event == "subprocess.Popen" and arguments[0] not in ("blkid", "isoinfo"):
        raise PermissionError("it wants to run %s" % (arguments[1],))


if hasattr(sys, "addaudithook"):
    sys.addaudithook(refuse_to_touch_the_host)
util.find_devs_with = find_devs_with
util.mount_cb = mount_cb

paths = helpers.Paths({"cloud_dir": scratch, "run_dir": scratch})
distro = distros.fetch(distribution)(distribution, {}, paths)
source = DataSourceNoCloud({}, distro, paths)
assert source.get_data(), "NoCloud finds no seed"
config = {
    key: value.lstrip("/") if isinstance(value, str) else value
    for key, value in getattr(distro, "renderer_configs", {}).get(renderer, {}).items()
}
config["postcmds"] = False
module = importlib.import_module("cloudinit.net." + renderer)
state = network_state.parse_net_config_data(source.network_config)
module.Renderer(config).render_network_state(network_state=state, target=root)
hostname, fqdn = util.get_hostname_fqdn(util.load_yaml(source.get_userdata_raw()), source)[:2]
json.dump({"instance-id": source.get_instance_id(), "seed": source.seed, "hostname": hostname, "fqdn": fqdn}, sys.stdout)
