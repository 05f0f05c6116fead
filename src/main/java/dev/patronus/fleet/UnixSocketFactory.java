package dev.patronus.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/// Makes sockets that connect to a Unix domain socket, whatever address they are told; the driver
/// knows TCP only, and makes this by its name.
public final class UnixSocketFactory extends SocketFactory {
  private final Path path;

  /// @param path of the socket
  public UnixSocketFactory(String path) {
    this.path = Path.of(path);
  }

  @Override
  public Socket createSocket() {
    return new UnixSocket(path);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected();
  }

  private Socket connected() throws IOException {
    Socket socket = createSocket();
    socket.connect(null);
    return socket;
  }

  /// A socket of one connection. Options of TCP are passed over, and so are time limits: the server
  /// is on this machine.
  private static final class UnixSocket extends Socket {
    private final Path path;
    private @Nullable SocketChannel channel;
    private @Nullable InputStream in;
    private @Nullable OutputStream out;

    UnixSocket(Path path) {
      this.path = path;
    }

    @Override
    public void connect(SocketAddress address) throws IOException {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
      in = Channels.newInputStream(channel);
      out = Channels.newOutputStream(channel);
    }

    @Override
    public void connect(SocketAddress address, int timeout) throws IOException {
      connect(address);
    }

    @Override
    public InputStream getInputStream() {
      return Objects.requireNonNull(in, "connected");
    }

    @Override
    public OutputStream getOutputStream() {
      return Objects.requireNonNull(out, "connected");
    }

    @Override
    public boolean isConnected() {
      return channel != null;
    }

    @Override
    public boolean isClosed() {
      return channel != null && !channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      if (channel != null) {
        channel.close();
      }
    }

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public void setSoTimeout(int timeout) {}

    @Override
    public int getSoTimeout() {
      return 0;
    }

    @Override
    public void setSendBufferSize(int size) {}

    @Override
    public int getSendBufferSize() {
      return 8192;
    }

    @Override
    public void setReceiveBufferSize(int size) {}

    @Override
    public int getReceiveBufferSize() {
      return 8192;
    }
  }
}
