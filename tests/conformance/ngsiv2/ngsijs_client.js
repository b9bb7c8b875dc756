// The NGSIv2 operations of ngsijs, a client that others wrote, with what its own checks of answers let pass.
// Arguments: the module, the context broker's URL, a tenant that nobody uses.

const assert = require("assert");
const [module_path, url, service] = process.argv.slice(2);
const NGSI = require(module_path);
const connection = new NGSI.Connection(url, {service: service, servicepath: "/tests"});
const v2 = connection.v2;
const number = (value) => ({type: "Number", value: value, metadata: {}});
const refused = async (promise, kind) => {
    try { await promise; } catch (error) { assert(error instanceof kind, String(error)); return error; }
    throw new Error("was not refused");
};

async function entities() {
    const room = {id: "room1", type: "Room", temperature: number(22), name: {type: "Text", value: "Hall", metadata: {}}};
    const created = await v2.createEntity(room);
    assert.strictEqual(created.location, "/v2/entities/room1?type=Room");
    assert(created.correlator.length > 0);
    await refused(v2.createEntity(room), NGSI.AlreadyExistsError);
    await v2.createEntity(room, {upsert: true});
    assert.deepStrictEqual((await v2.getEntity("room1")).entity, room);
    assert.deepStrictEqual((await v2.getEntity({id: "room1", type: "Room", keyValues: true})).entity,
        {id: "room1", type: "Room", temperature: 22, name: "Hall"});
    assert.deepStrictEqual((await v2.getEntityAttributes("room1")).attributes, {temperature: room.temperature, name: room.name});
    await v2.appendEntityAttributes({id: "room1", humidity: number(40)});
    await refused(v2.appendEntityAttributes({id: "room1", humidity: number(40)}, {strict: true}), NGSI.InvalidResponseError);
    await v2.updateEntityAttributes({id: "room1", temperature: number(23)});
    await refused(v2.updateEntityAttributes({id: "none", temperature: number(23)}), NGSI.NotFoundError);
    assert.deepStrictEqual((await v2.getEntityAttribute({id: "room1", attribute: "temperature"})).attribute, number(23));
    await v2.replaceEntityAttribute({value: 24, type: "Number"}, {id: "room1", attribute: "temperature", type: "Room"});
    assert.strictEqual((await v2.getEntityAttributeValue({id: "room1", attribute: "temperature"})).value, 24);
    await v2.replaceEntityAttributeValue({id: "room1", attribute: "name", value: {en: "Lobby"}});
    assert.deepStrictEqual((await v2.getEntityAttributeValue({id: "room1", attribute: "name"})).value, {en: "Lobby"});
    await v2.deleteEntityAttribute({id: "room1", attribute: "humidity"});
    await refused(v2.getEntityAttribute({id: "room1", attribute: "humidity"}), NGSI.NotFoundError);
    await v2.replaceEntityAttributes({id: "room1", temperature: number(1)});
    assert.deepStrictEqual((await v2.getEntity({id: "room1"})).entity, {id: "room1", type: "Room", temperature: number(1)});
}

async function lists() {
    const more = [2, 3].map((value) => ({id: "room" + value, type: "Room", temperature: number(value)}));
    await v2.batchUpdate({actionType: "append", entities: more});
    const listed = await v2.listEntities({type: "Room", q: "temperature>1", orderBy: "!temperature", count: true, limit: 1});
    assert.deepStrictEqual([listed.count, listed.results.map((each) => each.id)], [2, ["room3"]]);
    const found = await v2.batchQuery({entities: [{idPattern: ".*", type: "Room"}], attrs: ["temperature"]}, {keyValues: true, count: true});
    assert.deepStrictEqual([found.count, found.results.map((each) => each.temperature)], [3, [1, 2, 3]]);
    const types = await v2.listTypes({count: true});
    assert.deepStrictEqual([types.count, types.results[0].type, types.results[0].count], [1, "Room", 3]);
    assert.deepStrictEqual((await v2.getType("Room")).type, {attrs: {temperature: {types: ["Number"]}}, count: 3});
    await v2.batchUpdate({actionType: "delete", entities: more.map(({id, type}) => ({id, type}))});
    await v2.deleteEntity({id: "room1", type: "Room"});
    await refused(v2.deleteEntity("room1"), NGSI.NotFoundError);
}

async function subscriptions() {
    const subscription = {
        description: "Rooms", expires: "2040-01-01T14:00:00.00Z", throttling: 5,
        subject: {entities: [{idPattern: ".*", type: "Room"}], condition: {attrs: ["temperature"], expression: {q: "temperature>40"}}},
        notification: {http: {url: "http://127.0.0.1:9/"}, attrs: ["temperature"]},
    };
    const made = (await v2.createSubscription(subscription)).subscription;
    const shown = (await v2.getSubscription(made.id)).subscription;
    assert.strictEqual(shown.expires, "2040-01-01T14:00:00.000Z");
    assert.strictEqual(shown.status, "active");
    await v2.updateSubscription({id: made.id, status: "inactive"});
    const listed = await v2.listSubscriptions({count: true});
    assert.deepStrictEqual([listed.count, listed.results[0].status], [1, "inactive"]);
    await v2.deleteSubscription(made.id);
    await refused(v2.getSubscription(made.id), NGSI.NotFoundError);
}

async function registrations() {
    const registration = {
        dataProvided: {entities: [{id: "lamp1", type: "Lamp"}], attrs: ["switch"]},
        provider: {http: {url: "http://127.0.0.1:9"}},
    };
    const made = (await v2.createRegistration(registration)).registration;
    assert.deepStrictEqual((await v2.getRegistration(made.id)).registration.dataProvided, registration.dataProvided);
    assert.strictEqual((await v2.listRegistrations({count: true})).count, 1);
    await v2.deleteRegistration(made.id);
    await refused(v2.getRegistration(made.id), NGSI.NotFoundError);
}

(async () => {
    const {details} = await connection.getServerDetails();
    assert.match(details.orion.version, /^\d+/);
    for (const part of [entities, lists, subscriptions, registrations]) {
        await part();
    }
    console.log("done");
})().catch((error) => { console.error(error); process.exit(1); });
