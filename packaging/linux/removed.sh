#!/bin/sh
# After a removal. Only dpkg --purge removes the settings, the record, its key and the user.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "${1-}" = purge ]; then
	rm -rf /var/lib/resetd /etc/resetd/resetd.env
	rmdir /etc/resetd 2>/dev/null || true
	userdel resetd 2>/dev/null || true
fi
