// Accepts every invitation of the account. The endpoint, Region and credentials come from the environment, as in AWS.

import { AcceptInvitationCommand, DetectiveClient, ListInvitationsCommand } from "@aws-sdk/client-detective";

const detective = new DetectiveClient({});
const { Invitations } = await detective.send(new ListInvitationsCommand({}));
for (const { GraphArn, Status } of Invitations) {
  if (Status === "INVITED") {
    await detective.send(new AcceptInvitationCommand({ GraphArn }));
    console.log(GraphArn);
  }
}
