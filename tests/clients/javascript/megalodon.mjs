// What an application built with megalodon does, against the site at BASE, for the owners of two tokens.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import megalodon from "megalodon";

const { BASE, TOKEN, OTHER_TOKEN, PICTURE } = process.env;
const generator = megalodon.default ?? megalodon;
const mine = generator("mastodon", BASE, TOKEN);
const theirs = generator("mastodon", BASE, OTHER_TOKEN);
const got = async (asked) => (await asked).data;
const ids = (found) => found.map((one) => one.id);
const me = await got(mine.verifyAccountCredentials());
const other = await got(theirs.verifyAccountCredentials());

async function refused(status, asked) {
  await assert.rejects(asked, (error) => error.response.status === status);
}

async function posts() {
  const media = await got(mine.uploadMedia(createReadStream(PICTURE), { description: "A wren" }));
  assert.equal((await got(mine.getMedia(media.id))).type, "image");
  assert.equal((await got(mine.updateMedia(media.id, { description: "An owl" }))).description, "An owl");
  const shown = await got(mine.postStatus("A picture #wren", { media_ids: [media.id], visibility: "public" }));
  assert.equal(shown.media_attachments[0].description, "An owl");
  const asked = await got(
    mine.postStatus("Which?", { poll: { options: ["owl", "wren"], expires_in: 3600 }, spoiler_text: "birds" }),
  );
  assert.equal((await got(theirs.votePoll(asked.poll.id, [0]))).voted, true);
  assert.equal((await got(mine.getPoll(asked.poll.id))).votes_count, 1);
  const reply = await got(theirs.postStatus(`@${me.acct} fine`, { in_reply_to_id: shown.id }));
  assert.deepEqual(ids((await got(mine.getStatusContext(shown.id))).descendants), [reply.id]);
  assert.equal((await got(mine.getStatusSource(shown.id))).text, "A picture #wren");
  assert.ok((await got(mine.editStatus(shown.id, { status: "Two pictures" }))).edited_at);
  for (const [doing, undoing, key] of [
    ["favouriteStatus", "unfavouriteStatus", "favourited"],
    ["bookmarkStatus", "unbookmarkStatus", "bookmarked"],
    ["muteStatus", "unmuteStatus", "muted"],
  ]) {
    assert.equal((await got(mine[doing](shown.id)))[key], true);
    assert.equal((await got(mine[undoing](shown.id)))[key], false);
  }
  await theirs.favouriteStatus(shown.id);
  assert.equal((await got(theirs.reblogStatus(shown.id))).reblog.id, shown.id);
  assert.deepEqual(ids(await got(mine.getStatusFavouritedBy(shown.id))), [other.id]);
  assert.deepEqual(ids(await got(mine.getStatusRebloggedBy(shown.id))), [other.id]);
  assert.equal((await got(theirs.getFavourites()))[0].id, shown.id);
  await theirs.bookmarkStatus(shown.id);
  assert.equal((await got(theirs.getBookmarks()))[0].id, shown.id);
  await theirs.unreblogStatus(shown.id);
  assert.equal((await got(mine.pinStatus(shown.id))).pinned, true);
  await mine.unpinStatus(shown.id);
  const planned = await got(mine.postStatus("Later", { scheduled_at: new Date(Date.now() + 3_600_000).toISOString() }));
  assert.deepEqual(ids(await got(mine.getScheduledStatuses())), [planned.id]);
  await mine.scheduleStatus(planned.id, new Date(Date.now() + 7_200_000).toISOString());
  assert.equal((await got(mine.getScheduledStatus(planned.id))).params.text, "Later");
  await mine.cancelScheduledStatus(planned.id);
  await mine.deleteStatus(asked.id);
  await refused(404, mine.getStatus(asked.id));
}

async function timelines() {
  const told = await got(theirs.postStatus("News #wren"));
  await mine.followAccount(other.id);
  const list = await got(mine.createList("Friends"));
  await mine.addAccountsToList(list.id, [other.id]);
  assert.deepEqual(ids(await got(mine.getAccountsInList(list.id))), [other.id]);
  const next = await got(theirs.postStatus("More news"));
  assert.equal((await got(mine.getListTimeline(list.id)))[0].id, next.id);
  assert.equal((await got(mine.getHomeTimeline({ limit: 1 })))[0].id, next.id);
  assert.equal((await got(mine.getPublicTimeline({ min_id: told.id })))[0].id, next.id);
  assert.equal((await got(mine.getLocalTimeline({ limit: 1 }))).length, 1);
  assert.ok((await got(mine.getTagTimeline("wren"))).some((one) => one.id === told.id));
  assert.equal((await got(mine.updateList(list.id, "Others"))).title, "Others");
  assert.deepEqual(ids(await got(mine.getAccountLists(other.id))), [list.id]);
  await mine.deleteAccountsFromList(list.id, [other.id]);
  await mine.deleteList(list.id);
  assert.deepEqual(await got(mine.getLists()), []);
  await mine.saveMarkers({ home: { last_read_id: told.id } });
  assert.equal((await got(mine.getMarkers(["home"]))).home.last_read_id, told.id);
  await theirs.postStatus(`@${me.acct} only you`, { visibility: "direct" });
  const [conversation] = await got(mine.getConversationTimeline());
  assert.equal((await got(mine.readConversation(conversation.id))).unread, false);
  await mine.deleteConversation(conversation.id);
}

async function people() {
  const changed = await got(mine.updateCredentials({ display_name: "Ann Heron", note: "Birds", locked: true }));
  assert.deepEqual([changed.display_name, changed.locked], ["Ann Heron", true]);
  assert.equal((await got(theirs.followAccount(me.id))).requested, true);
  assert.deepEqual(ids(await got(mine.getFollowRequests())), [other.id]);
  assert.equal((await got(mine.acceptFollowRequest(other.id))).followed_by, true);
  assert.deepEqual(ids(await got(mine.getAccountFollowers(me.id))), [other.id]);
  assert.deepEqual(ids(await got(mine.getAccountFollowing(me.id))), [other.id]);
  assert.ok((await got(mine.getAccountStatuses(other.id))).length > 0);
  assert.equal((await got(mine.getRelationship(other.id))).following, true);
  assert.equal((await got(mine.getRelationships([other.id])))[0].followed_by, true);
  assert.deepEqual(ids(await got(mine.searchAccount(other.username))), [other.id]);
  assert.equal((await got(mine.pinAccount(other.id))).endorsed, true);
  assert.deepEqual(ids(await got(mine.getEndorsements())), [other.id]);
  await mine.unpinAccount(other.id);
  assert.equal((await got(mine.muteAccount(other.id, true))).muting, true);
  assert.deepEqual(ids(await got(mine.getMutes())), [other.id]);
  await mine.unmuteAccount(other.id);
  assert.equal((await got(mine.blockAccount(other.id))).blocking, true);
  assert.deepEqual(ids(await got(mine.getBlocks())), [other.id]);
  await mine.unblockAccount(other.id);
  await mine.blockDomain("other.example");
  assert.deepEqual(await got(mine.getDomainBlocks()), ["other.example"]);
  await mine.unblockDomain("other.example");
  assert.equal((await got(mine.followTag("wren"))).following, true);
  assert.equal((await got(mine.getFollowedTags()))[0].name, "wren");
  assert.equal((await got(mine.unfollowTag("wren"))).following, false);
  const featured = await got(mine.createFeaturedTag("owl"));
  assert.deepEqual(ids(await got(mine.getFeaturedTags())), [featured.id]);
  await mine.deleteFeaturedTag(featured.id);
  assert.equal((await got(mine.report(other.id, { comment: "a test" }))).target_account.id, other.id);
  assert.equal((await got(mine.getPreferences()))["posting:default:visibility"], "public");
  await mine.updateCredentials({ locked: false });
}

async function filters() {
  const filter = await got(mine.createFilter("storm", ["home"], { whole_word: true }));
  assert.deepEqual(ids(await got(mine.getFilters())), [filter.id]);
  assert.equal((await got(mine.updateFilter(filter.id, "hail", ["public"]))).phrase, "hail");
  assert.equal((await got(mine.getFilter(filter.id))).phrase, "hail");
  await mine.deleteFilter(filter.id);
}

async function notifications() {
  await theirs.postStatus(`@${me.acct} hello`);
  const [latest] = await got(mine.getNotifications({ limit: 1, exclude_types: ["follow"] }));
  assert.equal(latest.account.id, other.id);
  assert.equal((await got(mine.getNotification(latest.id))).type, "mention");
  await mine.dismissNotification(latest.id);
  await mine.dismissNotifications();
  assert.deepEqual(await got(mine.getNotifications()), []);
  await refused(404, mine.getPushSubscription());
}

async function site() {
  assert.equal((await got(mine.getInstance())).uri.length > 0, true);
  for (const asked of [
    mine.getInstancePeers(),
    mine.getInstanceActivity(),
    mine.getInstanceTrends(5),
    mine.getInstanceDirectory(),
    mine.getInstanceCustomEmojis(),
    mine.getInstanceAnnouncements(),
    mine.getSuggestions(5),
    mine.getSuggestedTags(),
    mine.getIdentityProof(me.id),
  ])
    assert.ok(Array.isArray(await got(asked)));
  const found = await got(mine.search("pictures", { type: "statuses" }));
  assert.equal(found.statuses.length, 1);
  const stranger = generator("mastodon", BASE);
  const application = await stranger.registerApp("megalodon", {
    scopes: ["read"],
    redirect_uris: "urn:ietf:wg:oauth:2.0:oob",
  });
  assert.match(application.url, /\/oauth\/authorize\?/);
  await refused(401, generator("mastodon", BASE, "wrong").verifyAccountCredentials());
}

async function streaming() {
  const stream = await mine.userStreaming();
  const heard = { update: [], notification: [], delete: [] };
  for (const kind of Object.keys(heard)) stream.on(kind, (told) => heard[kind].push(told));
  await new Promise((resolve, reject) => stream.on("connect", resolve).on("error", reject));
  const until = Date.now() + 20_000;
  const hear = async (kind) => {
    while (!heard[kind].length && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    return heard[kind][0];
  };
  await mine.followAccount(other.id);
  const posted = await got(theirs.postStatus(`@${me.acct} a streamed post`));
  assert.equal((await hear("update")).id, posted.id);
  assert.equal((await hear("notification")).type, "mention");
  await theirs.deleteStatus(posted.id);
  assert.equal(await hear("delete"), posted.id);
  stream.stop();
}

for (const part of [posts, timelines, people, filters, notifications, site, streaming]) {
  await part();
  console.log(`${part.name}: done`);
}
process.exit(0);
