import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local on the loopback interface only. It asks for no credentials and has no option for its address: started
 * by its own main class, it would show the ledger to everybody on the network. Java compiles this file when it starts.
 */
public final class DynamodbOnLoopback {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer dynamodb = ServerRunner.createServerFromCommandLineArgs(args);
    Field jetty = DynamoDBProxyServer.class.getDeclaredField("server");
    jetty.setAccessible(true);
    for (Connector connector : ((Server) jetty.get(dynamodb)).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    try {
      dynamodb.start();
    } catch (Exception failure) {
      // Its other threads would keep a process alive that listens to nobody.
      failure.printStackTrace();
      System.exit(1);
    }
  }
}
