// Stores the reader's time zone in a cookie, so the staff pages show times in it.
"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  document.cookie = `resetd_zone=${zone}; path=/support; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}
