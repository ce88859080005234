import com.wechat.pay.java.core.auth.WechatPay2Credential;
import com.wechat.pay.java.core.auth.WechatPay2Validator;
import com.wechat.pay.java.core.certificate.InMemoryCertificateProvider;
import com.wechat.pay.java.core.cipher.AeadAesCipher;
import com.wechat.pay.java.core.cipher.RSAPrivacyEncryptor;
import com.wechat.pay.java.core.cipher.RSASigner;
import com.wechat.pay.java.core.cipher.RSAVerifier;
import com.wechat.pay.java.core.cipher.Signer;
import com.wechat.pay.java.core.cipher.Verifier;
import com.wechat.pay.java.core.http.HttpHeaders;
import com.wechat.pay.java.core.notification.NotificationConfig;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RSANotificationConfig;
import com.wechat.pay.java.core.notification.RSAPublicKeyNotificationConfig;
import com.wechat.pay.java.core.notification.RequestParam;
import com.wechat.pay.java.core.util.PemUtil;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** WeChat Pay's official SDK for Java, its core: requests, answers with their clock, notices, ciphers. */
@SuppressWarnings("unchecked")
final class Program {
  private Program() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, Lines.Operation> operations = new TreeMap<>();
    operations.put("authorization", Program::authorization);
    operations.put("jsapi", given -> payer(given, "prepay_id="));
    operations.put("app", given -> payer(given, ""));
    operations.put("sign_text", given -> signer("ANY", given).sign(text(given, "text")).getSign());
    operations.put("verify_answer", Program::verifyAnswer);
    operations.put("verify_notice", Program::verifyNotice);
    operations.put("seal", Program::seal);
    operations.put("seal_field", Program::sealField);
    Lines.serve(operations, version());
  }

  private static Map<String, String> authorization(Map<String, Object> given) throws Exception {
    // Nonce and moment are its own inside; so its text is made with ours, and its signer signs that.
    Signer signer = signer(text(given, "serial"), given);
    WechatPay2Credential credential = new WechatPay2Credential(text(given, "mchid"), signer);
    Method build =
        WechatPay2Credential.class.getDeclaredMethod(
            "buildMessage", String.class, long.class, URI.class, String.class, String.class);
    build.setAccessible(true);
    long timestamp = ((Double) given.get("timestamp")).longValue();
    URI address = URI.create("https://gateway.example" + text(given, "target"));
    Object message =
        build.invoke(credential, text(given, "nonce"), timestamp, address, text(given, "method"), text(given, "body"));
    String whole = credential.getAuthorization(address, text(given, "method"), text(given, "body"));
    String header =
        whole
            .replaceFirst("nonce_str=\"[^\"]*\"", "nonce_str=\"" + text(given, "nonce") + "\"")
            .replaceFirst("timestamp=\"[^\"]*\"", "timestamp=\"" + timestamp + "\"")
            .replaceFirst("signature=\"[^\"]*\"", "signature=\"" + signer.sign((String) message).getSign() + "\"");
    return Map.of("header", header, "body", text(given, "body"));
  }

  private static String payer(Map<String, Object> given, String prefix) {
    String lines =
        String.join("\n", text(given, "appid"), text(given, "timestamp"), text(given, "nonce"), prefix + text(given, "prepay_id"), "");
    return signer("ANY", given).sign(lines).getSign();
  }

  private static Boolean verifyAnswer(Map<String, Object> given) throws Exception {
    HttpHeaders headers = new HttpHeaders();
    ((Map<String, String>) given.get("headers")).forEach((name, value) -> headers.addHeader(canonical(name), value));
    return Lines.asked(() -> new WechatPay2Validator(verifier(given)).validate(headers, text(given, "body")));
  }

  private static Object verifyNotice(Map<String, Object> given) throws Exception {
    Map<String, String> headers = (Map<String, String>) given.get("headers");
    return Lines.asked(
        () -> {
          RequestParam.Builder request =
              new RequestParam.Builder()
                  .serialNumber(headers.get("wechatpay-serial"))
                  .nonce(headers.get("wechatpay-nonce"))
                  .signature(headers.get("wechatpay-signature"))
                  .timestamp(headers.get("wechatpay-timestamp"))
                  .body(text(given, "body"));
          if (headers.containsKey("wechatpay-signature-type")) {
            request.signType(headers.get("wechatpay-signature-type"));
          }
          return new NotificationParser(notificationConfig(given)).parse(request.build(), Map.class);
        });
  }

  private static NotificationConfig notificationConfig(Map<String, Object> given) {
    Map.Entry<String, Map<String, String>> known = known(given);
    if (known.getValue().containsKey("certificate")) {
      return new RSANotificationConfig.Builder()
          .apiV3Key(text(given, "apiv3_key"))
          .certificates(known.getValue().get("certificate"))
          .build();
    }
    return new RSAPublicKeyNotificationConfig.Builder()
        .apiV3Key(text(given, "apiv3_key"))
        .publicKey(pem("PUBLIC KEY", known.getValue().get("spki")))
        .publicKeyId(known.getKey())
        .build();
  }

  private static Verifier verifier(Map<String, Object> given) {
    Map.Entry<String, Map<String, String>> known = known(given);
    if (known.getValue().containsKey("certificate")) {
      X509Certificate certificate = PemUtil.loadX509FromString(known.getValue().get("certificate"));
      return new RSAVerifier(new InMemoryCertificateProvider(List.of(certificate)));
    }
    return new RSAVerifier(PemUtil.loadPublicKeyFromString(pem("PUBLIC KEY", known.getValue().get("spki"))), known.getKey());
  }

  private static String seal(Map<String, Object> given) {
    return new AeadAesCipher(bytes(given, "apiv3_key"))
        .encrypt(bytes(given, "associated_data"), bytes(given, "nonce"), bytes(given, "text"));
  }

  private static String sealField(Map<String, Object> given) {
    String pem = pem("PUBLIC KEY", ((Map<String, String>) given.get("key")).get("spki"));
    return new RSAPrivacyEncryptor(PemUtil.loadPublicKeyFromString(pem), "ANY").encrypt(text(given, "text"));
  }

  private static Signer signer(String serial, Map<String, Object> given) {
    String pem = pem("PRIVATE KEY", ((Map<String, String>) given.get("key")).get("pkcs8"));
    PrivateKey key = PemUtil.loadPrivateKeyFromString(pem);
    return new RSASigner(serial, key);
  }

  private static Map.Entry<String, Map<String, String>> known(Map<String, Object> given) {
    return ((Map<String, Map<String, String>>) given.get("keys")).entrySet().iterator().next();
  }

  private static String canonical(String name) {
    StringBuilder whole = new StringBuilder();
    for (String word : name.split("-")) {
      whole.append(whole.length() == 0 ? "" : "-").append(word.substring(0, 1).toUpperCase()).append(word.substring(1));
    }
    return whole.toString();
  }

  private static String pem(String kind, String base64) {
    return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
  }

  private static String text(Map<String, Object> given, String name) {
    return (String) given.get(name);
  }

  private static byte[] bytes(Map<String, Object> given, String name) {
    return text(given, name).getBytes(StandardCharsets.UTF_8);
  }

  private static String version() {
    String jar = WechatPay2Credential.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*-([0-9.]+)\\.jar", "$1");
  }
}
