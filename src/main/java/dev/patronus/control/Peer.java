package dev.patronus.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/// The process at the other end of the control socket, as the kernel names its user (`SO_PEERCRED`,
/// unix(7)).
///
/// Immutable.
///
/// @param user its name; the number where it has none
/// @param root whether its user id is 0, whatever its name is
/// @param group the name of its group; the number where it has none
public record Peer(String user, boolean root, String group) {

  static Peer of(SocketChannel channel) throws IOException {
    UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
    UserPrincipal user = peer.user();
    // principals are equal by their number, and "0" is no user's name
    UserPrincipal root =
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
    return new Peer(user.getName(), user.equals(root), peer.group().getName());
  }
}
