#!/bin/sh
# After an installation or an upgrade, for deb and rpm.
set -e
if ! getent passwd resetd >/dev/null; then
	useradd --system --user-group --no-create-home --home-dir /var/lib/resetd --shell /usr/sbin/nologin resetd
fi
install -d -o resetd -g resetd -m 0700 /var/lib/resetd
install -d /etc/resetd
if [ ! -e /etc/resetd/resetd.env ]; then
	install -m 0600 /usr/share/resetd/resetd.env /etc/resetd/resetd.env
fi
# The service reads it, to read it again at a reload. Nobody else can.
chown root:resetd /etc/resetd /etc/resetd/resetd.env
chmod 0750 /etc/resetd
chmod 0640 /etc/resetd/resetd.env
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart resetd.service # after an upgrade; nothing if it does not run
fi
