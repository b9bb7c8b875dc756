// Runs the flows of the npm package openid-client against a provider. What a person does in a browser is asked for on
// standard output, a JSON object a line ({"open": address}), and answered on standard input with the last address.
import { createInterface } from 'node:readline'

const client = await import(process.env.HIROBA_TEST_OPENID_CLIENT)
const { issuer, token, callback, machine } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const insecure = { execute: [client.allowInsecureRequests] }
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS = 'urn:ietf:params:oauth:token-type:access_token'

async function open(address) {
  console.log(JSON.stringify({ open: String(address) }))
  return new URL((await lines.next()).value)
}

function check(condition, text) {
  if (!condition) throw new Error(text)
}

async function register(metadata, authentication) {
  const given = { client_name: 'flows', redirect_uris: [callback], id_token_signed_response_alg: 'ES256', ...metadata }
  return client.dynamicClientRegistration(new URL(issuer), given, authentication, { ...insecure, initialAccessToken: token })
}

async function signIn(config, scope, mode) {
  const verifier = client.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() }
  const asked = {
    redirect_uri: callback,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: '3600',
    ...mode,
  }
  const arrived = await open(client.buildAuthorizationUrl(config, asked))
  return client.authorizationCodeGrant(config, arrived, { ...checks, maxAge: 3600, idTokenExpected: true })
}

// A confidential web application: every endpoint.
const grantTypes = ['authorization_code', 'refresh_token', EXCHANGE]
const config = await register({ grant_types: grantTypes, post_logout_redirect_uris: [callback] })
client.enableNonRepudiationChecks(config)
const tokens = await signIn(config, 'openid profile email offline_access read')
const subject = tokens.claims().sub
const told = await client.fetchUserInfo(config, tokens.access_token, subject)
check(told.email, 'userinfo tells no address')
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
check(renewed.claims().sub === subject, 'the refresh changes the person')
check((await client.tokenIntrospection(config, renewed.access_token)).active, 'the token is not active')
const exchanged = await client.genericGrantRequest(config, EXCHANGE, {
  subject_token: renewed.access_token,
  subject_token_type: ACCESS,
})
check(exchanged.issued_token_type === ACCESS, 'the exchange gives no access token')
await client.tokenRevocation(config, renewed.refresh_token)
check(!(await client.tokenIntrospection(config, renewed.access_token)).active, 'the token outlives its revocation')

// One that authenticates with a key, and one without any secret.
const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
const jwk = { ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }
const byKey = await register(
  { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
  client.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }),
)
check((await signIn(byKey, 'openid')).claims().sub === subject, 'another person')
const pairwise = await register({ subject_type: 'pairwise', token_endpoint_auth_method: 'none' }, client.None())
check((await signIn(pairwise, 'openid')).claims().sub !== subject, 'the subject is not pairwise')

// A program of its own, and a device.
const program = await client.discovery(new URL(issuer), machine.client_id, machine.client_secret, undefined, insecure)
check((await client.clientCredentialsGrant(program, { scope: 'read' })).scope === 'read', 'the scope is not narrowed')
const board = await register({ grant_types: [DEVICE], token_endpoint_auth_method: 'none', redirect_uris: [] }, client.None())
const waiting = await client.initiateDeviceAuthorization(board, { scope: 'openid' })
await open(waiting.verification_uri_complete)
const device = await client.pollDeviceAuthorizationGrant(board, { ...waiting, interval: 1 })
check(device.claims().sub === subject, 'the device has another person')

const gone = await open(
  client.buildEndSessionUrl(config, { id_token_hint: renewed.id_token, post_logout_redirect_uri: callback, state: 'bye' }),
)
check(gone.searchParams.get('state') === 'bye', 'signing out does not come back')
console.log(JSON.stringify({ done: subject }))
process.exit(0)
