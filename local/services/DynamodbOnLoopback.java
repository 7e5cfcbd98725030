import com.almworks.sqlite4java.SQLiteConnection;
import com.almworks.sqlite4java.SQLiteJob;
import com.almworks.sqlite4java.SQLiteQueue;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local as we need it, which has options for none of these:
 *
 * <p>On the loopback interface only. It asks for no credentials: started by its own main class, it would show the ledger
 * to everybody on the network.
 *
 * <p>Forgetting for good. SQLite leaves the bytes of a deleted row in its file until they happen to be written over;
 * with secure_delete it writes zeros over them. The setting belongs to a connection, and this one has a queue of its own.
 * (VACUUM from a second connection makes DynamoDB Local fail requests that come meanwhile.)
 *
 * <p>Committing before it answers. A transaction's answer leaves some milliseconds before SQLite has committed it, so one
 * that was killed in between had acknowledged what was lost.
 *
 * <p>Java compiles this file when it starts.
 */
public final class DynamodbOnLoopback {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer dynamodb = ServerRunner.createServerFromCommandLineArgs(args);
    Server server = (Server) read(dynamodb, "server");
    for (Connector connector : server.getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    try {
      SQLiteQueue queue = queueOf(read(read(dynamodb, "serverHandler"), "primaryHandler"));
      forgetForGood(queue);
      server.setHandler(new CommittedBeforeAnswered(server.getHandler(), queue));
      dynamodb.start();
    } catch (Exception failure) {
      // Its other threads would keep a process alive that listens to nobody.
      failure.printStackTrace();
      System.exit(1);
    }
  }

  private static SQLiteQueue queueOf(Object handler) throws Exception {
    Method open = handler.getClass().getDeclaredMethod("getHandler", String.class);
    open.setAccessible(true);
    Object database = open.invoke(handler, read(handler, "SHARED_DB_NAME"));
    return (SQLiteQueue) read(read(database, "dbAccess"), "queue");
  }

  private static void forgetForGood(SQLiteQueue queue) throws Exception {
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

  /** SQLite's jobs run one after the other: when one of ours has run, whatever came before has been committed. */
  private static final class CommittedBeforeAnswered extends Handler.Wrapper {
    private final SQLiteQueue queue;

    CommittedBeforeAnswered(Handler dynamodb, SQLiteQueue queue) {
      super(dynamodb);
      this.queue = queue;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String target = request.getHeaders().get("X-Amz-Target");
      boolean isTransaction = target != null && target.endsWith(".TransactWriteItems");
      return super.handle(request, isTransaction ? new Committed(request, response) : response, callback);
    }

    private final class Committed extends Response.Wrapper {
      Committed(Request request, Response response) {
        super(request, response);
      }

      @Override
      public void write(boolean last, ByteBuffer content, Callback written) {
        try {
          queue.execute(new SQLiteJob<Void>() {
            @Override
            protected Void job(SQLiteConnection connection) {
              return null;
            }
          }).get();
        } catch (Exception failure) {
          written.failed(failure);
          return;
        }
        super.write(last, content, written);
      }
    }
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
