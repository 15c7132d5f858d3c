// People with accounts: Payload on PostgreSQL, with a collection of users, its own tables,
// and a sign-in page.
import { createServer } from "node:http";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

// The packages are in another folder than this file.
const load = (name) => import(pathToFileURL(`${dirname(process.env.MODULES)}/node_modules/${name}/dist/index.js`));
const { buildConfig, getPayload } = await load("payload");
const { postgresAdapter } = await load("@payloadcms/db-postgres");

const payload = await getPayload({
  config: buildConfig({
    secret: process.env.SECRET_KEY,
    db: postgresAdapter({ pool: { connectionString: process.env.DATABASE_URL }, push: process.argv[2] === "add-accounts" }),
    collections: [{ slug: "users", auth: true, fields: [] }],
    telemetry: false,
    typescript: { autoGenerate: false },
  }),
});

const page = `<h1>Sign in</h1>
<form method="post">
  <input name="email"> <input name="password" type="password">
  <button type="submit">Sign in</button>
</form>
<a href="${process.env.RESETD_URL}/password-reset">Forgot your password?</a>`;

// addAccounts adds an account for each line: its name, address and password.
async function addAccounts() {
  for (const line of (await text(process.stdin)).trim().split("\n")) {
    const [, email, password] = line.split(" ");
    await payload.create({ collection: "users", data: { email, password } });
  }
  process.exit();
}

async function answer(req, res) {
  if (req.url === "/login" && req.method === "POST") {
    const form = new URLSearchParams(await text(req));
    const data = { email: form.get("email"), password: form.get("password") };
    const got = await payload.login({ collection: "users", data }).catch(() => null);
    if (got) return res.writeHead(303, { location: "/", "set-cookie": `payload-token=${got.token}; Path=/; HttpOnly` }).end();
  }
  res.setHeader("content-type", "text/html; charset=utf-8");
  if (req.url === "/login") return res.end(page);
  const { user } = await payload.auth({ headers: new Headers({ cookie: req.headers.cookie ?? "" }) });
  if (!user) return res.writeHead(303, { location: "/login" }).end();
  res.end(`<h1>${user.email}</h1>`);
}

if (process.argv[2] === "add-accounts") await addAccounts();
createServer((req, res) => answer(req, res).catch((err) => { console.error(err); res.writeHead(500).end(); })).listen(process.argv[2], "127.0.0.1");
