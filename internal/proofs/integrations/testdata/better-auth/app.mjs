// People with accounts: better-auth on PostgreSQL, with its own tables, and a sign-in page.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

// The packages are in another folder than this file.
const require = createRequire(process.env.MODULES);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { betterAuth } = await load("better-auth");
const { getMigrations } = await load("better-auth/db/migration");
const pg = require("pg");

const auth = betterAuth({
  secret: process.env.SECRET_KEY,
  baseURL: "http://localhost",
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL }),
  emailAndPassword: { enabled: true, autoSignIn: false },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  advanced: { database: { generateId: "serial" } },
});

const page = `<h1>Sign in</h1>
<form method="post">
  <input name="email"> <input name="password" type="password">
  <button type="submit">Sign in</button>
</form>
<a href="${process.env.RESETD_URL}/password-reset">Forgot your password?</a>`;

// addAccounts adds an account for each line: its name, address and password.
async function addAccounts() {
  await (await getMigrations(auth.options)).runMigrations();
  for (const line of (await text(process.stdin)).trim().split("\n")) {
    const [name, email, password] = line.split(" ");
    await auth.api.signUpEmail({ body: { name, email, password } });
  }
  process.exit();
}

async function answer(req, res) {
  if (req.url === "/login" && req.method === "POST") {
    const form = new URLSearchParams(await text(req));
    const body = { email: form.get("email"), password: form.get("password") };
    const got = await auth.api.signInEmail({ body, asResponse: true });
    if (got.ok) return res.writeHead(303, { location: "/", "set-cookie": got.headers.getSetCookie() }).end();
  }
  res.setHeader("content-type", "text/html; charset=utf-8");
  if (req.url === "/login") return res.end(page);
  const session = await auth.api.getSession({ headers: new Headers({ cookie: req.headers.cookie ?? "" }) });
  if (!session) return res.writeHead(303, { location: "/login" }).end();
  res.end(`<h1>${session.user.email}</h1>`);
}

if (process.argv[2] === "add-accounts") await addAccounts();
createServer((req, res) => answer(req, res).catch((err) => { console.error(err); res.writeHead(500).end(); })).listen(process.argv[2], "127.0.0.1");
