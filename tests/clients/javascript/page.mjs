// An application in a browser, on a page of another origin than the site's: logs in, posts, reads and listens.
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";

const REDIRECT = `${location.origin}/`;
const SCOPES = "read write follow";
const kept = sessionStorage;

function show(id, text) {
  const line = document.createElement("p");
  line.dataset.of = id;
  line.textContent = text;
  document.body.append(line);
}

function encoded(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}

async function leave(url) {
  const application = await createRestAPIClient({ url }).v1.apps.create({
    clientName: "A page",
    redirectUris: REDIRECT,
    scopes: SCOPES,
  });
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(48)));
  const challenge = encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  kept.setItem("login", JSON.stringify({ url, verifier, id: application.clientId, secret: application.clientSecret }));
  location.assign(
    `${url}/oauth/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: application.clientId,
      redirect_uri: REDIRECT,
      scope: SCOPES,
      code_challenge: challenge,
      code_challenge_method: "S256",
      state: "the page's own",
    })}`,
  );
}

async function arrive(parameters) {
  const { url, verifier, id, secret } = JSON.parse(kept.getItem("login"));
  show("state", parameters.get("state"));
  const token = await createOAuthAPIClient({ url }).token.create({
    grantType: "authorization_code",
    clientId: id,
    clientSecret: secret,
    redirectUri: REDIRECT,
    code: parameters.get("code"),
    codeVerifier: verifier,
  });
  const client = createRestAPIClient({ url, accessToken: token.accessToken });
  show("name", (await client.v1.accounts.verifyCredentials()).acct);
  await client.v1.statuses.create({ status: "First" });
  await client.v1.statuses.create({ status: "Second" });
  const read = [];
  for await (const page of client.v1.timelines.home.list({ limit: 1 })) read.push(...page.map((one) => one.content));
  show("home", read.join(" "));
  show(
    "pages",
    await fetch(`${url}/about`).then(
      () => "readable",
      () => "not readable",
    ),
  );
  const { configuration } = await client.v2.instance.fetch();
  const stream = createStreamingAPIClient({
    streamingApiUrl: configuration.urls.streaming,
    accessToken: token.accessToken,
  });
  const user = stream.user.subscribe();
  await stream.prepare();
  const listening = setInterval(() => show("listening", "yes"), 200);
  for await (const told of user) {
    clearInterval(listening);
    show(told.event, told.payload.content ?? told.payload.type);
  }
}

const parameters = new URLSearchParams(location.search);
const doing = parameters.has("code") ? arrive(parameters) : leave(parameters.get("site"));
doing.catch((error) => show("error", `${error.stack}`));
