"""VK and Yandex: OAuth without signatures, each with a question of its own for who it was."""

from typing import Any

from tests.servers.identity.provider import CLIENT, Asked, Provider


class Vk(Provider):
    """VK ID: no secret; the device and the state come back with the code and go into the exchange."""

    SECRET = ""

    def post(self, path: str, form: dict[str, str], headers: Any) -> Any:
        if path == "/oauth2/auth":
            asked = self._exchange(form, headers)
            if form.get("device_id") != "device-7" or form.get("state") != asked["state"]:
                raise Asked("invalid_request")
            if form.get("client_id") != CLIENT:
                raise Asked("invalid_client")
            return {"access_token": self._new_token(), "user_id": 7, "state": asked["state"]}
        if path == "/oauth2/user_info":
            if form.get("access_token") not in self.tokens or form.get("client_id") != CLIENT:
                raise Asked("invalid_token")
            first, _, last = self.person.name.partition(" ")
            user = {"user_id": self.person.subject, "first_name": first, "last_name": last}
            return {"user": user | self.person.claims}
        return super().post(path, form, headers)

    def _with_code(self) -> dict[str, str]:
        return {"device_id": "device-7", "type": "code_v2"}


class Yandex(Provider):
    """Yandex ID: tells who it was to a header of its own."""

    def post(self, path: str, form: dict[str, str], headers: Any) -> Any:
        if path != "/token":
            return super().post(path, form, headers)
        self._exchange(form, headers)
        return {"access_token": self._new_token(), "token_type": "bearer"}

    def get(self, path: str, query: dict[str, str], headers: Any) -> Any:
        if path != "/info":
            return super().get(path, query, headers)
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "OAuth" or token not in self.tokens or query.get("format") != "json":
            raise Asked("invalid_token")
        return {"id": self.person.subject, "real_name": self.person.name} | self.person.claims
