'use strict';
// wechatpay-axios-plugin: signs requests and verifies answers as a merchant's server does; notices by its manual.

const { Aes, Decorator, Formatter, Rsa } = require('wechatpay-axios-plugin');
const { version } = require('wechatpay-axios-plugin/package.json');
const { asked, serve } = require('../lines.js');

const WINDOW_SECONDS = 300;
const ANY_MERCHANT = { mchid: '1900000000', serial: 'ANY' };

function privateKey({ pkcs8 }) {
  return Rsa.fromPkcs8(pkcs8);
}

function publicKeys(keys) {
  return Object.fromEntries(Object.entries(keys).map(([id, { spki }]) => [id, Rsa.fromSpki(spki)]));
}

/** Lets the SDK make one call; the answer comes from here instead of a server. */
async function called({ merchant, key, keys, method, target, body, answer }) {
  let sent;
  const client = Decorator.jsonBased({
    ...merchant, privateKey: privateKey(key), certs: publicKeys(keys), baseURL: 'https://gateway.example',
  });
  const data = body ? JSON.parse(body) : undefined;
  const response = await client.request({
    url: target,
    method,
    data,
    validateStatus: (status) => status < 300,
    adapter: async (config) => {
      sent = config;
      return { status: 200, ...answer, config, request: {} };
    },
  }).catch((error) => {
    if (sent && !answer) return null;
    throw error;
  });
  return { sent, response };
}

/** Fixes the moment and the nonce of whatever runs inside. */
async function at({ timestamp, nonce }, run) {
  const { nonce: drawn, timestamp: told } = Formatter;
  Object.assign(Formatter, { nonce: () => nonce, timestamp: () => timestamp });
  try {
    return await run();
  } finally {
    Object.assign(Formatter, { nonce: drawn, timestamp: told });
  }
}

const operations = {
  async authorization({ mchid, serial, key, method, target, body, timestamp, nonce }) {
    const { sent } = await at({ timestamp, nonce }, () => called({
      merchant: { mchid, serial }, key, keys: { OTHER: key }, method, target, body,
    }));
    return { header: sent.headers.get('Authorization'), body: sent.data ?? '' };
  },

  jsapi: ({ appid, timestamp, nonce, prepay_id: id, key }) => Rsa.sign(
    Formatter.joinedByLineFeed(appid, timestamp, nonce, `prepay_id=${id}`),
    privateKey(key),
  ),

  app: ({ appid, timestamp, nonce, prepay_id: id, key }) => Rsa.sign(
    Formatter.joinedByLineFeed(appid, timestamp, nonce, id),
    privateKey(key),
  ),

  sign_text: ({ text, key }) => Rsa.sign(text, privateKey(key)),

  verify_answer: ({ status, headers, body, keys, key }) => asked(async () => {
    await called({
      merchant: ANY_MERCHANT, key, keys, method: 'GET', target: '/v3/any', answer: { status, headers, data: body },
    });
    return true;
  }),

  verify_notice: ({ headers, body, keys, apiv3_key: secret }) => asked(() => {
    const {
      'wechatpay-timestamp': timestamp, 'wechatpay-nonce': nonce, 'wechatpay-serial': serial, 'wechatpay-signature': signature,
    } = headers;
    if (Math.abs(Formatter.timestamp() - parseInt(timestamp, 10)) > WINDOW_SECONDS) throw new Error('too old');
    if (!Rsa.verify(Formatter.response(timestamp, nonce, body), signature, publicKeys(keys)[serial])) throw new Error('signature');
    const { resource: { ciphertext, nonce: iv, associated_data: aad } } = JSON.parse(body);
    return JSON.parse(Aes.AesGcm.decrypt(ciphertext, secret, iv, aad));
  }),

  seal: ({ text, nonce, associated_data: aad, apiv3_key: secret }) => Aes.AesGcm.encrypt(text, secret, nonce, aad),

  seal_field: ({ text, key: { spki } }) => Rsa.encrypt(text, Rsa.fromSpki(spki)),

  bill: ({ content }) => Formatter.castCsvBill(Buffer.from(content, 'base64')),
};

serve(operations, version);
