"""What goes through queues: the twin of src/programs/payloads.ts."""


def number():
    return 42


def object():
    return {
        "id": 12345,
        "user": "ada.lovelace",
        "city": "London",
        "score": 99.5,
        "active": True,
        "tags": ["new", "paid"],
    }


def rows():
    return [
        {
            "id": id,
            "name": f"customer number {id}",
            "city": "Amsterdam",
            "balance": id * 1.25,
            "orders": [id, id + 1, id + 2],
        }
        for id in range(100)
    ]


def buffer():
    return bytearray(b"\x07") * 2**20


shared = buffer
