// What an application built with masto does, against the site at BASE, for the owners of two tokens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import WebSocket from "ws";

const { BASE: url, TOKEN: accessToken, OTHER_TOKEN, PICTURE } = process.env;
const mine = createRestAPIClient({ url, accessToken });
const theirs = createRestAPIClient({ url, accessToken: OTHER_TOKEN });
const me = await mine.v1.accounts.verifyCredentials();
const other = await theirs.v1.accounts.verifyCredentials();
const ids = (found) => found.map((one) => one.id);

async function refused(status, doing) {
  await assert.rejects(doing, (error) => error.statusCode === status);
}

async function posts() {
  const media = await mine.v2.media.create({ file: new Blob([readFileSync(PICTURE)]), description: "A wren" });
  assert.equal(media.description, "A wren");
  const shown = await mine.v1.statuses.create({ status: "With a picture #wren", mediaIds: [media.id] });
  assert.equal(shown.mediaAttachments[0].description, "A wren");
  assert.ok((await fetch(shown.mediaAttachments[0].url)).ok);
  const asked = await mine.v1.statuses.create({
    status: "Owl or wren?",
    spoilerText: "birds",
    visibility: "unlisted",
    language: "en",
    poll: { options: ["owl", "wren"], expiresIn: 3600 },
  });
  assert.equal(asked.spoilerText, "birds");
  const voted = await theirs.v1.polls.$select(asked.poll.id).votes.create({ choices: [1] });
  assert.deepEqual(voted.ownVotes, [1]);
  assert.equal((await mine.v1.polls.$select(asked.poll.id).fetch()).votesCount, 1);

  const reply = await theirs.v1.statuses.create({ status: `@${me.acct} fine`, inReplyToId: shown.id });
  const context = await mine.v1.statuses.$select(shown.id).context.fetch();
  assert.deepEqual(ids(context.descendants), [reply.id]);
  const quoting = await theirs.v1.statuses.create({ status: "Look", quotedStatusId: shown.id });
  assert.equal(quoting.quote.quotedStatus.id, shown.id);
  assert.deepEqual(ids(await mine.v1.statuses.$select(shown.id).quotes.list()), [quoting.id]);
  const revoked = await mine.v1.statuses.$select(shown.id).quotes.$select(quoting.id).revoke();
  assert.equal(revoked.quote.state, "revoked");

  const edited = await mine.v1.statuses.$select(shown.id).update({ status: "Two wrens", mediaIds: [media.id] });
  assert.ok(edited.editedAt);
  assert.equal((await mine.v1.statuses.$select(shown.id).history.list()).length, 2);
  assert.equal((await mine.v1.statuses.$select(shown.id).source.fetch()).text, "Two wrens");

  for (const [doing, undoing, key] of [
    ["favourite", "unfavourite", "favourited"],
    ["bookmark", "unbookmark", "bookmarked"],
    ["mute", "unmute", "muted"],
  ]) {
    assert.equal((await theirs.v1.statuses.$select(shown.id)[doing]())[key], true);
    assert.equal((await theirs.v1.statuses.$select(shown.id)[undoing]())[key], false);
  }
  const boost = await theirs.v1.statuses.$select(shown.id).reblog();
  assert.equal(boost.reblog.id, shown.id);
  assert.deepEqual(ids(await mine.v1.statuses.$select(shown.id).rebloggedBy.list()), [other.id]);
  await theirs.v1.statuses.$select(shown.id).unreblog();
  assert.equal((await mine.v1.statuses.$select(shown.id).pin()).pinned, true);
  assert.deepEqual(ids(await mine.v1.accounts.$select(me.id).statuses.list({ pinned: true })), [shown.id]);
  await mine.v1.statuses.$select(shown.id).unpin();
  await refused(
    422,
    mine.v1.statuses
      .$select(shown.id)
      .translate({ lang: "de" })
      .catch((error) => {
        assert.ok([403, 503].includes(error.statusCode));
        return mine.v1.statuses.create({ status: "" });
      }),
  );

  const removed = await mine.v1.statuses.create({ status: "To be removed" });
  assert.equal((await mine.v1.statuses.$select(removed.id).remove()).text, "To be removed");
  await refused(404, mine.v1.statuses.$select(removed.id).fetch());
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const planned = await mine.v1.statuses.create({ status: "Later", scheduledAt: later });
  assert.deepEqual(ids(await mine.v1.scheduledStatuses.list()), [planned.id]);
  const next = new Date(Date.now() + 7_200_000).toISOString();
  assert.equal(
    (await mine.v1.scheduledStatuses.$select(planned.id).update({ scheduledAt: next })).params.text,
    "Later",
  );
  await mine.v1.scheduledStatuses.$select(planned.id).remove();
}

async function timelines() {
  for (let n = 0; n < 7; n++) await mine.v1.statuses.create({ status: `Number ${n} #count` });
  const seen = [];
  for await (const page of mine.v1.timelines.tag.$select("count").list({ limit: 3 })) seen.push(...page);
  assert.deepEqual(
    seen.map((one) => one.content.match(/\d/)[0]),
    ["6", "5", "4", "3", "2", "1", "0"],
  );
  assert.ok((await mine.v1.timelines.home.list({ limit: 2 })).length === 2);
  assert.ok(
    (await mine.v1.timelines.public.list({ local: true, onlyMedia: true })).every((one) => one.mediaAttachments.length),
  );
  assert.ok((await mine.v1.accounts.$select(me.id).statuses.list({ excludeReplies: true })).length > 7);
  const list = await mine.v1.lists.create({ title: "Friends", repliesPolicy: "none" });
  await mine.v1.accounts.$select(other.id).follow({ notify: true });
  await mine.v1.lists.$select(list.id).accounts.create({ accountIds: [other.id] });
  assert.deepEqual(ids(await mine.v1.lists.$select(list.id).accounts.list()), [other.id]);
  const told = await theirs.v1.statuses.create({ status: "For the list" });
  assert.equal((await mine.v1.timelines.list.$select(list.id).list())[0].id, told.id);
  assert.deepEqual(ids(await mine.v1.accounts.$select(other.id).lists.list()), [list.id]);
  assert.equal((await mine.v1.lists.$select(list.id).update({ title: "Others" })).title, "Others");
  await mine.v1.lists.$select(list.id).accounts.remove({ accountIds: [other.id] });
  await mine.v1.lists.$select(list.id).remove();
  const marked = await mine.v1.markers.create({ home: { lastReadId: told.id } });
  assert.equal(marked.home.lastReadId, told.id);
  assert.equal((await mine.v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, told.id);
}

async function people() {
  const [standing] = await mine.v1.accounts.relationships.fetch({ id: [other.id] });
  assert.equal(standing.following, true);
  assert.equal((await theirs.v1.accounts.$select(me.id).follow()).following, true);
  assert.deepEqual(ids(await mine.v1.accounts.$select(me.id).followers.list()), [other.id]);
  assert.equal((await mine.v1.accounts.$select(other.id).note.create({ comment: "a friend" })).note, "a friend");
  assert.equal((await mine.v1.accounts.lookup({ acct: other.acct })).id, other.id);
  assert.deepEqual(ids(await mine.v1.accounts.search.list({ q: other.username })), [other.id]);
  assert.equal((await mine.v1.accounts.$select(other.id).mute({ duration: 3600 })).muting, true);
  assert.deepEqual(ids(await mine.v1.mutes.list()), [other.id]);
  await mine.v1.accounts.$select(other.id).unmute();
  const profile = await mine.v1.accounts.updateCredentials({
    displayName: "Ann Heron",
    note: "About birds",
    fieldsAttributes: [{ name: "Town", value: "Hexham" }],
    source: { privacy: "unlisted" },
  });
  assert.deepEqual(
    [profile.displayName, profile.fields[0].value, profile.source.privacy],
    ["Ann Heron", "Hexham", "unlisted"],
  );
  await mine.v1.accounts.updateCredentials({ source: { privacy: "public" } });
  assert.equal((await mine.v1.preferences.fetch())["posting:default:visibility"], "public");
  assert.equal((await mine.v1.tags.$select("wren").follow()).following, true);
  assert.equal((await mine.v1.followedTags.list())[0].name, "wren");
  const featured = await mine.v1.featuredTags.create({ name: "wren" });
  await mine.v1.featuredTags.$select(featured.id).remove();
  const report = await mine.v1.reports.create({ accountId: other.id, comment: "only a test" });
  assert.equal(report.targetAccount.id, other.id);
  const found = await mine.v2.search.list({ q: "wrens", type: "statuses" });
  assert.match(found.statuses[0].content, /wrens/);
  assert.equal((await mine.v1.accounts.$select(other.id).block()).blocking, true);
  assert.deepEqual(ids(await mine.v1.blocks.list()), [other.id]);
  await mine.v1.accounts.$select(other.id).unblock();
  await mine.v1.accounts.$select(other.id).follow();
}

async function filters() {
  const filter = await mine.v2.filters.create({
    title: "No storms",
    context: ["home"],
    filterAction: "warn",
    keywordsAttributes: [{ keyword: "storm", wholeWord: true }],
  });
  const matched = await theirs.v1.statuses.create({ status: "A storm comes" });
  const [result] = (await mine.v1.statuses.$select(matched.id).fetch()).filtered;
  assert.deepEqual([result.filter.id, result.keywordMatches], [filter.id, ["storm"]]);
  const keyword = await mine.v2.filters.$select(filter.id).keywords.create({ keyword: "hail" });
  await mine.v2.filters.keywords.$select(keyword.id).remove();
  assert.equal((await mine.v2.filters.list()).length, 1);
  await mine.v2.filters.$select(filter.id).remove();
}

async function notifications() {
  await theirs.v1.statuses.create({ status: `@${me.acct} hello` });
  const [latest] = await mine.v1.notifications.list({ limit: 1, types: ["mention"] });
  assert.equal(latest.account.id, other.id);
  const grouped = await mine.v2.notifications.list();
  assert.ok(grouped.notificationGroups.length > 0);
  assert.ok(grouped.accounts.some((one) => one.id === other.id));
  assert.equal((await mine.v1.notifications.$select(latest.id).fetch()).id, latest.id);
  assert.ok((await mine.v1.notifications.unreadCount.fetch()).count > 0);
  assert.equal((await mine.v2.notifications.policy.fetch()).forNotFollowing, "accept");
  await mine.v1.notifications.$select(latest.id).dismiss();
  await mine.v1.notifications.clear();
  assert.deepEqual(await mine.v1.notifications.list(), []);
  await theirs.v1.statuses.create({ status: `@${me.acct} only you`, visibility: "direct" });
  const [conversation] = await mine.v1.conversations.list();
  assert.equal(conversation.unread, true);
  assert.equal((await mine.v1.conversations.$select(conversation.id).read()).unread, false);
  await mine.v1.conversations.$select(conversation.id).remove();
}

async function site() {
  const instance = await mine.v2.instance.fetch();
  assert.ok(instance.configuration.urls.streaming.startsWith("ws"));
  assert.ok((await mine.v1.instance.fetch()).version);
  for (const listed of [
    mine.v1.customEmojis.list(),
    mine.v1.announcements.list(),
    mine.v1.trends.tags.list(),
    mine.v1.trends.statuses.list(),
    mine.v1.trends.links.list(),
    mine.v1.instance.rules.list(),
    mine.v1.instance.activity.list(),
    mine.v1.instance.peers.list(),
    mine.v1.directory.list(),
    mine.v2.suggestions.list(),
    mine.v1.endorsements.list(),
    mine.v1.domainBlocks.list(),
    mine.v1.followRequests.list(),
    mine.v1.favourites.list(),
    mine.v1.bookmarks.list(),
  ])
    assert.ok(Array.isArray(await listed));
  await refused(404, mine.v1.push.subscription.fetch());
  await refused(401, createRestAPIClient({ url, accessToken: "wrong" }).v1.accounts.verifyCredentials());
  const application = await mine.v1.apps.create({ clientName: "masto", redirectUris: "urn:ietf:wg:oauth:2.0:oob" });
  const token = await createOAuthAPIClient({ url }).token.create({
    clientId: application.clientId,
    clientSecret: application.clientSecret,
    grantType: "client_credentials",
  });
  assert.ok(token.accessToken);
}

async function streaming() {
  const { configuration } = await mine.v2.instance.fetch();
  const client = createStreamingAPIClient({
    streamingApiUrl: configuration.urls.streaming,
    accessToken,
    implementation: WebSocket,
  });
  const user = client.user.subscribe();
  const hashtag = client.hashtag.subscribe({ tag: "streamed" });
  const events = user[Symbol.asyncIterator]();
  const tagged = hashtag[Symbol.asyncIterator]();
  const first = events.next();
  const firstTagged = tagged.next();
  await client.prepare();
  // A subscription is asked for by a message; what is posted until it has arrived isn't told.
  const until = Date.now() + 20_000;
  let heard;
  const waiting = firstTagged.then(({ value }) => (heard = value));
  while (!heard && Date.now() < until) {
    await theirs.v1.statuses.create({ status: `@${me.acct} a #streamed post` });
    await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  assert.equal(heard.event, "update");
  assert.match(heard.payload.content, /streamed/);
  const kinds = new Set([(await first).value.event]);
  while (!(kinds.has("update") && kinds.has("notification"))) kinds.add((await events.next()).value.event);
  hashtag.unsubscribe();
  user.unsubscribe();
  client.close();
}

for (const part of [posts, timelines, people, filters, notifications, site, streaming]) {
  await part();
  console.log(`${part.name}: done`);
}
process.exit(0);
