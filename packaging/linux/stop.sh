#!/bin/sh
# Before a removal. The argument is remove or upgrade (deb), 0 or 1 (rpm).
set -e
case "${1-}" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now resetd.service resetd.socket || true
	fi
	;;
esac
