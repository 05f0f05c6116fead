package dev.patronus.control;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;

/// A message in another version of the control protocol than this program's.
///
/// Each message carries the version as `protocol`; one without is of version 1. Within a version,
/// members, requests and replies are only added, so that programs of different releases understand
/// each other.
final class OtherProtocol extends UnreadableJson {
  /// The version that this program speaks.
  static final int OURS = 1;

  static final String MEMBER = "protocol";

  private static final long serialVersionUID = 1;

  private OtherProtocol(String message) {
    super(message);
  }

  /// @throws OtherProtocol if a request is not in our version; for the log of another program
  static void checkRequest(Json.Obj request) {
    long theirs = version(request);
    if (theirs != OURS) {
      throw new OtherProtocol(
          "the request is in version "
              + theirs
              + " of the control protocol, this daemon speaks "
              + OURS);
    }
  }

  /// @throws OtherProtocol if a reply is not in our version; it says which program to start again
  static void checkReply(Json.Obj reply) {
    long theirs = version(reply);
    if (theirs != OURS) {
      String versions = " (version " + theirs + " of the control protocol; this is " + OURS + "); ";
      throw new OtherProtocol(
          theirs < OURS
              ? "it is older than this program"
                  + versions
                  + "restart it with 'systemctl restart patronus'"
              : "it is newer than this program"
                  + versions
                  + "end this patronus and start the installed one");
    }
  }

  private static long version(Json.Obj message) {
    return message.find(MEMBER).isPresent() ? message.integer(MEMBER) : 1;
  }
}
