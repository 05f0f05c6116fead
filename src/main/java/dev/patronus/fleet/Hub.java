package dev.patronus.fleet;

import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.store.LeanJdbi;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.postgresql.Driver;

/// A connection to a hub.
///
/// The opener closes it. Confined to one thread, except for [#abort].
public final class Hub implements AutoCloseable {
  /// What is done with an open connection.
  @FunctionalInterface
  public interface Work<T> {
    T run(Handle handle) throws SQLException;
  }

  /// The driver logs what it throws as well, to standard error; kept, because loggers that nobody
  /// holds lose their level.
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  static {
    DRIVER.setLevel(Level.OFF);
  }

  private final HubLogin login;
  private final Connection connection;

  private Hub(HubLogin login, Connection connection) {
    this.login = login;
    this.connection = connection;
  }

  /// Connects.
  ///
  /// @param answerSeconds how long an answer may take until the connection is given up; 0 for ever
  /// @throws UserError if that fails
  public static Hub open(HubLogin login, int answerSeconds) {
    Properties properties = login.properties();
    properties.setProperty("socketTimeout", Integer.toString(answerSeconds));
    return open(login, properties);
  }

  /// Connects for somebody who does not wait: for a second at most, and as long for an answer.
  ///
  /// @throws UserError if that fails
  public static Hub openBriefly(HubLogin login) {
    Properties properties = login.properties();
    for (String limit : List.of("connectTimeout", "loginTimeout", "socketTimeout")) {
      properties.setProperty(limit, "1");
    }
    return open(login, properties);
  }

  private static Hub open(HubLogin login, Properties properties) {
    Optional<Path> socket = login.socket();
    if (socket.isPresent()) {
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", socket.get().toString());
    }
    try {
      return new Hub(login, new Driver().connect(login.url(), properties));
    } catch (SQLException e) {
      throw HubErrors.connecting(login, e);
    }
  }

  public HubLogin login() {
    return login;
  }

  /// Runs work in one transaction that changes nothing.
  ///
  /// @throws UserError if it fails
  public <T> T read(Work<T> work) {
    return run(work, true);
  }

  /// Runs work in one transaction, all of it or nothing.
  ///
  /// @throws UserError if it fails; then nothing was changed, unless the connection broke while the
  ///   transaction was committed
  public <T> T write(Work<T> work) {
    return run(work, false);
  }

  private <T> T run(Work<T> work, boolean readOnly) {
    try {
      connection.setAutoCommit(false);
      connection.setReadOnly(readOnly);
      try {
        T value = work.run(LeanJdbi.on(connection));
        connection.commit();
        return value;
      } catch (SQLException | RuntimeException e) {
        rollBack(e);
        throw e;
      } finally {
        if (!connection.isClosed()) {
          connection.setAutoCommit(true);
        }
      }
    } catch (SQLException e) {
      throw HubErrors.running(login, e);
    } catch (JdbiException e) {
      throw e.getCause() instanceof SQLException cause ? HubErrors.running(login, cause) : e;
    }
  }

  private void rollBack(Exception failure) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e); // the connection is gone, and so is the transaction
    }
  }

  /// The connection itself, for scans.
  public Connection connection() {
    return connection;
  }

  /// Whether it can still be used.
  public boolean isOpen() {
    try {
      return !connection.isClosed();
    } catch (SQLException _) {
      return false;
    }
  }

  /// Breaks the connection off, from any thread.
  public void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException _) {
      // it is gone already
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException _) {
      // it is gone already
    }
  }
}
