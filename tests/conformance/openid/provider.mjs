// An external OpenID provider: npm's oidc-provider with its own development pages, where any login and password will do.
import { generateKeyPairSync } from 'node:crypto'

const { default: Provider } = await import(process.env.HIROBA_TEST_OIDC_PROVIDER)
const { port, clients } = JSON.parse(process.argv[2])
const key = (kind, options, more) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  ...more,
})

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }, { kid: 'rsa', alg: 'RS256' }),
      key('ec', { namedCurve: 'P-256' }, { kid: 'ec', alg: 'ES256' }),
    ],
  },
  acrValues: ['aal3'],
  claims: { openid: ['sub'], name: ['name'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: '鈴木 一郎' }) }),
  cookies: { keys: ['a key of a test'] },
  pkce: { required: () => true },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'], clientAuthSigningAlgValues: ['RS256', 'ES256'] },
})
provider.listen(port, '127.0.0.1', () => console.log('listening'))
