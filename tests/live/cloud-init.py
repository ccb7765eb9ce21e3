# SPDX-License-Identifier: GPL-3.0-or-later
"""cloud-init.py FOLDER LABEL TYPE: what cloud-init itself makes of a seed whose files are in FOLDER, as JSON.

Its own code finds the medium by label and type, reads it, checks the configuration by its schema and sorts out users and passwords. Only the
looking at devices, the mounting and the setting of passwords are ours: nothing of this machine is touched.
"""
import json
import logging
import sys
import tempfile
from unittest import mock

import yaml
from cloudinit import helpers, util
from cloudinit.config import cc_set_passwords
from cloudinit.config.schema import SchemaValidationError, get_schema, validate_cloudconfig_schema
from cloudinit.distros import debian, ug_util
from cloudinit.sources import DataSourceNoCloud

folder, label, kind = sys.argv[1:]
state = tempfile.mkdtemp()


def find_devs_with(criteria=None, **options):
    return ['/dev/seed'] if criteria in ('LABEL=' + label, 'TYPE=' + kind) else []


def mount_cb(device, callback, data=None, **options):
    return callback(folder, data) if data is not None else callback(folder)


with mock.patch.object(util, 'find_devs_with', find_devs_with), mock.patch.object(util, 'mount_cb', mount_cb):
    paths = helpers.Paths({'cloud_dir': state, 'run_dir': state})
    source = DataSourceNoCloud.DataSourceNoCloud({}, debian.Distro('debian', {'default_user': {'name': 'debian'}}, paths), paths)
    if not source.get_data():
        sys.exit('cloud-init does not take the seed')

text = source.get_userdata_raw()
if isinstance(text, bytes):
    text = text.decode()
config = yaml.safe_load(text)
if not text.startswith('#cloud-config\n'):
    sys.exit('no #cloud-config')
try:
    validate_cloudconfig_schema(config, get_schema(), strict=True)
except SchemaValidationError as error:
    # "list" of chpasswd is the older form, which every version knows
    if error.schema_errors:
        raise
users, _ = ug_util.normalize_users_groups(config, source.distro)
passwords = []
with mock.patch.object(source.distro, 'chpasswd', lambda pairs, hashed: passwords.append([hashed, sorted(':'.join(pair) for pair in pairs)])), \
        mock.patch.object(source.distro, 'expire_passwd', lambda user: passwords.append(['expire', user])), \
        mock.patch.object(cc_set_passwords, 'handle_ssh_pwauth', lambda *words: passwords.append(['ssh', bool(words[0])])):
    cc_set_passwords.handle('x', config, mock.Mock(distro=source.distro), logging.getLogger(), [])
json.dump({'id': source.get_instance_id(), 'hostname': source.metadata.get('local-hostname'), 'config': config, 'users': users, 'passwords': passwords,
           'network': source.network_config}, sys.stdout, indent=1, sort_keys=True)
