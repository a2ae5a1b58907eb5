// The AWS SDK for JavaScript against `detective-fake serve`: every test has accounts of its own, so that they may run together.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AcceptInvitationCommand,
  ConflictException,
  CreateGraphCommand,
  CreateMembersCommand,
  DeleteGraphCommand,
  DeleteMembersCommand,
  DetectiveClient,
  DisassociateMembershipCommand,
  EnableOrganizationAdminAccountCommand,
  GetInvestigationCommand,
  GetMembersCommand,
  ListDatasourcePackagesCommand,
  ListGraphsCommand,
  ListIndicatorsCommand,
  ListInvitationsCommand,
  ListMembersCommand,
  ListOrganizationAdminAccountsCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  StartInvestigationCommand,
  TagResourceCommand,
  TooManyRequestsException,
  UntagResourceCommand,
  UpdateDatasourcePackagesCommand,
  UpdateInvestigationStateCommand,
  UpdateOrganizationConfigurationCommand,
  DescribeOrganizationConfigurationCommand,
  ValidationException,
  paginateListMembers,
} from "@aws-sdk/client-detective";

const url = process.env.AWS_ENDPOINT_URL_DETECTIVE;

// Only the account differs: the endpoint and the Region come from the environment, as in anybody's program.
const clientOf = (accountId, options = {}) =>
  new DetectiveClient({ credentials: { accessKeyId: accountId, secretAccessKey: "any" }, ...options });

async function control(method, path, body) {
  const answer = await fetch(`${url}/_fake${path}`, {
    method,
    headers: { "X-Detective-Fake": "node", "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const found = await answer.json();
  assert.equal(answer.status, 200, found.message);
  return found;
}

const invited = (...accountIds) => accountIds.map((id) => ({ AccountId: id, EmailAddress: `${id}@example.com` }));

test("an administrator invites, a member accepts, is enabled, and leaves", async () => {
  const administrator = clientOf("110000000001");
  const member = clientOf("110000000002");
  const { GraphArn } = await administrator.send(new CreateGraphCommand({ Tags: { team: "sécurité / a+b" } }));
  assert.match(GraphArn, /^arn:aws:detective:us-east-1:110000000001:graph:[0-9a-f]{32}$/);

  const created = await administrator.send(
    new CreateMembersCommand({ GraphArn, Accounts: invited("110000000002"), Message: "Do join." }),
  );
  assert.equal(created.Members[0].Status, "VERIFICATION_IN_PROGRESS");
  assert.deepEqual(created.UnprocessedAccounts, []);

  const { Invitations } = await member.send(new ListInvitationsCommand({}));
  assert.equal(Invitations[0].Status, "INVITED");
  assert.ok(Invitations[0].InvitedTime instanceof Date);
  await member.send(new AcceptInvitationCommand({ GraphArn }));

  const { MemberDetails } = await administrator.send(new GetMembersCommand({ GraphArn, AccountIds: ["110000000002"] }));
  assert.equal(MemberDetails[0].Status, "ENABLED");
  await member.send(new DisassociateMembershipCommand({ GraphArn }));
  assert.deepEqual((await administrator.send(new ListMembersCommand({ GraphArn }))).MemberDetails, []);

  await administrator.send(new DeleteGraphCommand({ GraphArn }));
  assert.deepEqual((await administrator.send(new ListGraphsCommand({}))).GraphList, []);
});

test("tags go through paths and query strings", async () => {
  const client = clientOf("120000000001");
  const { GraphArn: ResourceArn } = await client.send(new CreateGraphCommand({ Tags: { team: "a/b c" } }));
  await client.send(new TagResourceCommand({ ResourceArn, Tags: { "cost:centre": "42%25" } }));
  const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn }));
  assert.deepEqual(Tags, { team: "a/b c", "cost:centre": "42%25" });
  await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["team", "cost:centre"] }));
  assert.deepEqual((await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags, {});
});

test("an organization's account administers it, and new accounts are enabled by themselves", async () => {
  const [management, security, joining] = ["130000000001", "130000000002", "130000000003"];
  const organizations = await control("POST", "/organizations", {
    management_account_id: management,
    accounts: [security],
  });
  const { organization_id: id } = organizations.find((each) => each.management_account_id === management);

  await clientOf(management).send(new EnableOrganizationAdminAccountCommand({ AccountId: security }));
  const { Administrators } = await clientOf(management).send(new ListOrganizationAdminAccountsCommand({}));
  const [{ GraphArn, AccountId }] = Administrators;
  assert.equal(AccountId, security);

  const client = clientOf(security);
  await client.send(new UpdateOrganizationConfigurationCommand({ GraphArn, AutoEnable: true }));
  assert.equal((await client.send(new DescribeOrganizationConfigurationCommand({ GraphArn }))).AutoEnable, true);
  await control("POST", `/organizations/${id}/accounts`, { account_id: joining });
  await control("POST", "/settle");
  const { MemberDetails } = await client.send(new GetMembersCommand({ GraphArn, AccountIds: [joining] }));
  assert.equal(MemberDetails[0].Status, "ENABLED");
  assert.equal(MemberDetails[0].InvitationType, "ORGANIZATION");
});

test("packages are started and listed", async () => {
  const client = clientOf("140000000001");
  const { GraphArn } = await client.send(new CreateGraphCommand({}));
  const wanted = ["DETECTIVE_CORE", "EKS_AUDIT"];
  await client.send(new UpdateDatasourcePackagesCommand({ GraphArn, DatasourcePackages: wanted }));
  const { DatasourcePackages } = await client.send(new ListDatasourcePackagesCommand({ GraphArn }));
  assert.deepEqual(Object.keys(DatasourcePackages), wanted);
  const { Timestamp } = DatasourcePackages.EKS_AUDIT.LastIngestStateChange.STARTED;
  assert.ok(Timestamp instanceof Date);
});

test("an investigation is started, read and archived", async () => {
  const client = clientOf("150000000001");
  const { GraphArn } = await client.send(new CreateGraphCommand({}));
  const { InvestigationId } = await client.send(
    new StartInvestigationCommand({
      GraphArn,
      EntityArn: "arn:aws:iam::150000000001:role/deploy",
      ScopeStartTime: new Date(Date.now() - 86_400_000),
      ScopeEndTime: new Date(),
    }),
  );
  const found = await client.send(new GetInvestigationCommand({ GraphArn, InvestigationId }));
  assert.equal(found.Status, "SUCCESSFUL");
  assert.ok(found.CreatedTime instanceof Date);
  assert.deepEqual((await client.send(new ListIndicatorsCommand({ GraphArn, InvestigationId }))).Indicators, []);
  await client.send(new UpdateInvestigationStateCommand({ GraphArn, InvestigationId, State: "ARCHIVED" }));
  assert.equal((await client.send(new GetInvestigationCommand({ GraphArn, InvestigationId }))).State, "ARCHIVED");
});

test("errors have their types, statuses and members", async () => {
  const client = clientOf("160000000001");
  const { GraphArn } = await client.send(new CreateGraphCommand({}));
  const missing = GraphArn.slice(0, -32) + "0".repeat(32);

  await assert.rejects(client.send(new ListMembersCommand({ GraphArn: missing })), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    return true;
  });
  await assert.rejects(client.send(new ListMembersCommand({ GraphArn: "nonsense" })), ValidationException);
  await control("PUT", "/accounts/160000000002", { daily_volume_bytes: 11e12 });
  await client.send(new CreateMembersCommand({ GraphArn, Accounts: invited("160000000002") }));
  await client.send(new ListMembersCommand({ GraphArn }));
  const member = clientOf("160000000002");
  await member.send(new AcceptInvitationCommand({ GraphArn }));
  await assert.rejects(member.send(new AcceptInvitationCommand({ GraphArn })), ConflictException);
  await control("POST", "/faults", {
    operation: "ListMembers",
    error: "ServiceQuotaExceededException",
    message: "Too much.",
    account_id: "160000000001",
  });
  await assert.rejects(client.send(new ListMembersCommand({ GraphArn })), (error) => {
    assert.ok(error instanceof ServiceQuotaExceededException);
    assert.equal(error.message, "Too much.");
    return true;
  });
});

test("its own paginators see every member once", async () => {
  const client = clientOf("170000000001");
  const { GraphArn } = await client.send(new CreateGraphCommand({}));
  const ids = Array.from({ length: 23 }, (_, n) => String(170000000100 + n));
  await client.send(new CreateMembersCommand({ GraphArn, Accounts: invited(...ids), DisableEmailNotification: true }));
  const pages = [];
  for await (const page of paginateListMembers({ client, pageSize: 5 }, { GraphArn })) {
    pages.push(page.MemberDetails.map((each) => each.AccountId));
  }
  assert.deepEqual(pages.map((page) => page.length), [5, 5, 5, 5, 3]);
  assert.deepEqual(pages.flat(), ids);
  const deleted = await client.send(new DeleteMembersCommand({ GraphArn, AccountIds: ids }));
  assert.equal(deleted.AccountIds.length, 23);
});

test("it tries again what may be tried again, and the journal has one call for it", async () => {
  const account_id = "180000000001";
  const client = clientOf(account_id);
  await control("POST", "/faults", { operation: "ListGraphs", error: "ThrottlingException", account_id });
  await control("POST", "/faults", { operation: "ListGraphs", network: "ConnectionClosedError", account_id });
  const answer = await client.send(new ListGraphsCommand({}));
  assert.equal(answer.$metadata.attempts, 3);
  const [call] = await (await fetch(`${url}/_fake/calls?account_id=${account_id}`)).json();
  assert.deepEqual(call.attempts, ["ThrottlingException", "ConnectionClosedError", "ok"]);
  assert.match(call.user_agent, /aws-sdk-js/);
});

test("what fails every time is given up", async () => {
  const account_id = "190000000001";
  const client = clientOf(account_id, { maxAttempts: 2 });
  await control("POST", "/faults", { operation: "ListGraphs", error: "TooManyRequestsException", times: 2, account_id });
  await assert.rejects(client.send(new ListGraphsCommand({})), (error) => {
    assert.ok(error instanceof TooManyRequestsException);
    assert.equal(error.$metadata.attempts, 2);
    return true;
  });
});

test("Regions are worlds of their own", async () => {
  const [here, there] = ["us-east-1", "eu-west-1"].map((region) => clientOf("110000000009", { region }));
  await here.send(new CreateGraphCommand({}));
  assert.deepEqual((await there.send(new ListGraphsCommand({}))).GraphList, []);
  const { GraphArn } = await there.send(new CreateGraphCommand({}));
  assert.match(GraphArn, /:eu-west-1:/);
});

test("so many calls at once are answered without a mistake", async () => {
  const client = clientOf("110000000010");
  const { GraphArn } = await client.send(new CreateGraphCommand({}));
  const ids = Array.from({ length: 60 }, (_, n) => String(110000000100 + n));
  await Promise.all(
    ids.map((id) => client.send(new CreateMembersCommand({ GraphArn, Accounts: invited(id), DisableEmailNotification: true }))),
  );
  const { MemberDetails } = await client.send(new ListMembersCommand({ GraphArn, MaxResults: 200 }));
  assert.deepEqual(MemberDetails.map((each) => each.AccountId).sort(), ids);
});
