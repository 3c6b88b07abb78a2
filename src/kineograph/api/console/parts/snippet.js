// The request as code, for three tools. The key is never written out: it comes from the environment.
import { ROOT } from "../api.js";

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const python = (value, indent = 4) =>
  JSON.stringify(value, null, indent).replace(/\btrue\b/g, "True").replace(/\bfalse\b/g, "False").replace(/\bnull\b/g, "None");

export const asCurl = (body) => `curl ${ROOT}/v1/videos/generations \\
  -H "Authorization: Bearer $KINEO_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${quoted(JSON.stringify(body, null, 2))}`;

export const asPython = (body) => `import os, time
import httpx2

api = httpx2.Client(base_url="${ROOT}", headers={"Authorization": f"Bearer {os.environ['KINEO_API_KEY']}"}, timeout=75)
task_id = api.post("/v1/videos/generations", json=${python(body)}).json()["data"][0]["task_id"]

while True:  # answers at every change, or after a minute
    task = api.get(f"/v1/tasks/{task_id}", params={"wait": 60}).json()["data"]
    print(task["status"], task["progress"], "%")
    if task["status"] in ("completed", "failed", "cancelled"):
        break

print(task["result"]["videos"][0]["url"][0])`;

export const asJavaScript = (body) => `const headers = {
  Authorization: \`Bearer \${process.env.KINEO_API_KEY}\`,
  "Content-Type": "application/json",
};
const call = async (path, options) => (await (await fetch("${ROOT}" + path, { headers, ...options })).json()).data;

const [{ task_id }] = await call("/v1/videos/generations", {
  method: "POST",
  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}),
});

let task;
do {
  task = await call(\`/v1/tasks/\${task_id}?wait=60\`);
  console.log(task.status, task.progress, "%");
} while (!["completed", "failed", "cancelled"].includes(task.status));

console.log(task.result.videos[0].url[0]);`;
