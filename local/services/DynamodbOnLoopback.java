import com.almworks.sqlite4java.SQLiteConnection;
import com.almworks.sqlite4java.SQLiteJob;
import com.almworks.sqlite4java.SQLiteQueue;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local as we need it, which has options for neither of these:
 *
 * <p>On the loopback interface only. It asks for no credentials: started by its own main class, it would show the ledger
 * to everybody on the network.
 *
 * <p>Forgetting for good. SQLite leaves the bytes of a deleted row in its file until they happen to be written over;
 * with secure_delete it writes zeros over them. The setting belongs to a connection, and this one has a queue of its own.
 * (VACUUM from a second connection makes DynamoDB Local fail requests that come meanwhile.)
 *
 * <p>Java compiles this file when it starts.
 */
public final class DynamodbOnLoopback {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer dynamodb = ServerRunner.createServerFromCommandLineArgs(args);
    for (Connector connector : ((Server) read(dynamodb, "server")).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    try {
      forgetForGood(read(read(dynamodb, "serverHandler"), "primaryHandler"));
      dynamodb.start();
    } catch (Exception failure) {
      // Its other threads would keep a process alive that listens to nobody.
      failure.printStackTrace();
      System.exit(1);
    }
  }

  private static void forgetForGood(Object handler) throws Exception {
    Method open = handler.getClass().getDeclaredMethod("getHandler", String.class);
    open.setAccessible(true);
    Object database = open.invoke(handler, read(handler, "SHARED_DB_NAME"));
    SQLiteQueue queue = (SQLiteQueue) read(read(database, "dbAccess"), "queue");
    queue.execute(new SQLiteJob<Void>() {
      @Override
      protected Void job(SQLiteConnection connection) throws Throwable {
        connection.exec("PRAGMA secure_delete = ON");
        // What was deleted before this was ever switched on.
        connection.exec("VACUUM");
        return null;
      }
    }).get();
  }

  private static Object read(Object object, String name) throws Exception {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
      } catch (NoSuchFieldException elsewhere) {
        // Perhaps the class above has it.
      }
    }
    throw new NoSuchFieldException(object.getClass() + " has no " + name);
  }
}
